/** A lane that listens: the vehicle dials. Accepts sockets and hands them on; loopback unless told otherwise. */
import { createServer, type Server, type Socket } from 'node:net';
import { RoundaboutError } from '../stream/error.ts';
import { type Address, addressText, LOOPBACK } from './address.ts';
import type { SparseWarning } from './limits.ts';

/** A peer that vanished without a word is found by probes after this long. */
export const KEEP_ALIVE_MS = 60_000;

export interface Listener {
  /** Where it really listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** Stops accepting; accepted sockets live on. Resolves when those are gone too. */
  close(): Promise<void>;
}

/**
 * @param lane its name, for messages
 * @throws RoundaboutError `port-in-use`, or `cannot-listen` for an address that isn't ours
 */
export async function openListener(
  lane: string,
  { host = LOOPBACK, port }: Address,
  warning: SparseWarning,
  accept: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer({
    allowHalfOpen: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  server.on('connection', accept);
  await new Promise<void>((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      fail(cannotListen(lane, addressText(host, port), cause));
    });
    server.listen({ host, port }, done);
  });
  server.removeAllListeners('error');
  // Out of descriptors, or a peer that left while it was accepted: the listener itself lives on.
  server.on('error', (error: NodeJS.ErrnoException) => {
    warning.say(`a connection could not be accepted: ${error.code ?? error.message}`);
  });
  return {
    address: boundAddress(server),
    close: () => new Promise((done) => server.close(() => done())),
  };
}

function boundAddress(server: Server): { host: string; port: number } {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the listener is not bound');
  return { host: bound.address, port: bound.port };
}

function cannotListen(
  lane: string,
  address: string,
  cause: NodeJS.ErrnoException,
): RoundaboutError {
  if (cause.code === 'EADDRINUSE') {
    return new RoundaboutError('port-in-use', `lane ${lane}: ${address} is taken`, {
      hint: 'stop the program that has it, or give the lane another port (0 is any free one)',
      cause,
    });
  }
  const why =
    cause.code === 'EACCES'
      ? 'this user may not use that port'
      : cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND'
        ? 'this machine has no such address'
        : cause.message;
  return new RoundaboutError('cannot-listen', `lane ${lane}: can't listen on ${address}: ${why}`, {
    cause,
  });
}
