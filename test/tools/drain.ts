/** A receiver as a vehicle writes it: takes what an exit holds, in order, and accepts it. */
import rhea from 'rhea';

export interface Received {
  readonly id: number;
  readonly body: unknown;
  readonly stream: string;
}

/** Takes `count` messages. @param accept false: takes them in hand only; all go back at the end */
export function take(
  amqp: string,
  address: string,
  count: number,
  accept = true,
  credit = count,
): Promise<Received[]> {
  const at = amqp.lastIndexOf(':');
  const container = rhea.create_container({ id: `take-${Math.random()}` });
  return new Promise((done, fail) => {
    const received: Received[] = [];
    if (count === 0) return done(received);
    const [host, port] = [amqp.slice(0, at), Number(amqp.slice(at + 1))];
    const settings = { host, port, reconnect: false, tcp_no_delay: true };
    const connection = container.connect(settings);
    const receiver = connection.open_receiver({
      source: address,
      credit_window: 0,
      autoaccept: false,
    });
    container.on('receiver_open', () => receiver.add_credit(credit));
    container.on('message', ({ message, delivery }) => {
      if (received.length === count || message === undefined) return;
      const annotations: Record<string, unknown> = Object(message.message_annotations);
      received.push({
        id: Number(message.message_id),
        body: message.body,
        stream: Buffer.from(Object(annotations['x-opt-roundabout-stream'])).toString('hex'),
      });
      if (accept) delivery?.accept();
      if (received.length === count) connection.close();
      else if (received.length % credit === 0) receiver.add_credit(credit);
    });
    container.on('connection_close', () => done(received));
    container.on('receiver_error', () => fail(receiver.error));
    container.on('disconnected', ({ error }) => (error ? fail(error) : done(received)));
  });
}
