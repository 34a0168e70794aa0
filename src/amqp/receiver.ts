/**
 * A receiver as any vehicle would write it, for `roundabout vehicle recv`: plain rhea as a client, with
 * credit of its own, acknowledging only what has been taken.
 */
import rhea from 'rhea';
import { RoundaboutError } from '../stream/error.ts';

export interface ReceiverOptions {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  /** The vehicle to log in as; absent: unnamed. */
  readonly login?: { readonly user: string; readonly secret: string };
  /** Stop after this many. */
  readonly count: number;
  /** Accept each once `onMessage` has returned; else all are released when the link is left. */
  readonly acknowledge: boolean;
  readonly onMessage: (id: number, body: unknown) => void;
  /** Ends early. */
  readonly stop: AbortSignal;
}

const REFUSED = 'the login was refused: the vehicle or its secret is another';

/**
 * Receives `count` messages, or fewer if stopped.
 * @returns how many were received
 * @throws RoundaboutError `not-running` when nobody listens, the address is unknown, or the link is lost
 */
export function receive(options: ReceiverOptions): Promise<number> {
  const { host, port, address, login, count, acknowledge, onMessage, stop } = options;
  const container = rhea.create_container({ id: `roundabout-recv-${process.pid}` });
  return new Promise((done, fail) => {
    let received = 0;
    // rhea's types lack tcp_no_delay; without it an accept and the detach behind it wait 40 ms.
    const settings = {
      host,
      port,
      reconnect: false,
      tcp_no_delay: true,
      ...(login !== undefined && { username: login.user, password: login.secret }),
    };
    const connection = container.connect(settings);
    const receiver = connection.open_receiver({
      source: address,
      credit_window: 0,
      autoaccept: false,
    });
    // A link that just ends would charge the oldest with a failure: whoever looks does no harm.
    const looked: { release(): void }[] = [];
    let result: (() => void) | undefined;
    const leave = (end: () => void): void => {
      if (result !== undefined) return;
      result = end;
      for (const delivery of looked) delivery.release();
      connection.close();
    };
    const lost = (what: string): void => {
      leave(() => fail(new RoundaboutError('not-running', what)));
    };
    const enough = (): void => leave(() => done(received));
    stop.addEventListener('abort', enough);
    container.on('receiver_open', () => receiver.add_credit(count));
    container.on('message', ({ message, delivery }) => {
      if (received === count || message === undefined) return;
      onMessage(Number(message.message_id), message.body);
      if (acknowledge) delivery?.accept();
      else if (delivery !== undefined) looked.push(delivery);
      received++;
      if (received === count) enough();
    });
    container.on('receiver_error', () => {
      lost(String(Object(receiver.error).description ?? 'the link was refused'));
    });
    container.on('connection_error', ({ error }) => {
      const why = Object(connection.error ?? error);
      const { condition, description = 'the connection was refused' } = why;
      lost(condition === 'amqp:unauthorized-access' ? REFUSED : String(description));
    });
    container.on('connection_close', () => result?.());
    container.on('disconnected', ({ error }) => {
      lost(error?.message ?? `${host}:${port} has closed the connection`);
      result?.();
    });
  });
}
