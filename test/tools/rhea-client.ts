/** A real rhea as a client that decides by itself about credit and outcomes. */
import rhea, { type Connection, type EventContext, type Receiver, type Session } from 'rhea';
import { until } from './wait.ts';

export interface Got {
  readonly id: number;
  readonly body: unknown;
  readonly subject: string | undefined;
  readonly properties: Readonly<Record<string, unknown>> | undefined;
  readonly durable: boolean;
  readonly deliveryCount: number;
  readonly firstAcquirer: boolean;
  accept(): void;
  release(): void;
  reject(error?: { condition: string; description: string }): void;
  /** By default as failed here, to be tried again anywhere. */
  modify(how?: { delivery_failed?: boolean; undeliverable_here?: boolean }): void;
}

export interface Taking {
  readonly receiver: Receiver;
  readonly got: Got[];
  /** The condition it was detached with. */
  error: { condition: string; description: string } | undefined;
  closed: boolean;
  drained: number;
}

const connections: Connection[] = [];

export async function connect(port: number, options: object = {}): Promise<Connection> {
  const connection = rhea.create_container().connect({
    host: '127.0.0.1',
    port,
    reconnect: false,
    tcp_no_delay: true,
    ...options,
  } as never);
  connections.push(connection);
  connection.on('connection_error', () => {});
  connection.on('disconnected', () => {});
  connection.on('error', () => {});
  await until(() => connection.is_open());
  return connection;
}

/** @param buffer sizes of the rings of deliveries, which rhea's types don't know */
export function createSession(connection: Connection, buffer?: { incoming: number }): Session {
  const create = connection.create_session as (this: Connection, buffer?: object) => Session;
  const session = create.call(connection, buffer);
  session.begin();
  return session;
}

/** Attaches a receiver; `credit` at once, before the answer to the attach. */
export function receive(
  on: Pick<Connection, 'open_receiver'>,
  options: { address?: string; credit?: number; name?: string; attach?: object; accept?: boolean },
): Taking {
  const receiver = on.open_receiver({
    source: { address: options.address ?? 'results' },
    credit_window: 0,
    autoaccept: false,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...options.attach,
  });
  const taking: Taking = { receiver, got: [], error: undefined, closed: false, drained: 0 };
  receiver.on('message', ({ message, delivery }: EventContext) => {
    if (message === undefined || delivery === undefined) return;
    taking.got.push({
      id: Number(message.message_id),
      body: message.body,
      subject: message.subject,
      properties: message.application_properties,
      durable: Boolean(message.durable),
      deliveryCount: message.delivery_count ?? 0,
      firstAcquirer: Boolean(message.first_acquirer),
      accept: () => delivery.accept(),
      release: () => delivery.release(),
      reject: (error = { condition: 'test:refused', description: '' }) =>
        delivery.reject(error as never),
      modify: (how = { delivery_failed: true }) => delivery.modified(how as never),
    });
    if (options.accept) delivery.accept();
  });
  receiver.on('receiver_error', () => {
    taking.error = receiver.error as { condition: string; description: string };
  });
  receiver.on('receiver_close', () => {
    taking.closed = true;
  });
  receiver.on('receiver_drained', () => {
    taking.drained++;
  });
  if (options.credit !== undefined) receiver.add_credit(options.credit);
  return taking;
}

export function ids(taking: Taking): number[] {
  return taking.got.map(({ id }) => id);
}

/** Ends every connection that a test opened. */
export function disconnectAll(): void {
  for (const connection of connections.splice(0)) {
    connection.close();
    (connection as unknown as { socket: { destroy(): void } }).socket.destroy();
  }
}
