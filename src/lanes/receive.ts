/**
 * Receives from a socket into memory that is used again. node:net can do that (`onread`), but takes the
 * option only for sockets that one makes oneself, so for accepted ones this sets what the option sets. Where
 * this Node has no such thing, `data` events serve, each with a fresh buffer to be collected: the same
 * bytes for a third more CPU (measured over a whole flow).
 */
import type { Socket } from 'node:net';

/** What `onread` sets on a socket: the buffer, and who is called when bytes are in it. */
const BUFFER = 'kBuffer';
const CALL = 'kBufferCb';

interface Internals {
  [property: symbol]: unknown;
  readonly _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
}

/**
 * Starts reading. Pausing and resuming the socket work as usual.
 * @param socket nothing has been read from it yet
 * @param memory may be shared by many sockets
 * @param take gets bytes that are valid until it returns
 */
export function receive(socket: Socket, memory: Buffer, take: (bytes: Buffer) => void): void {
  if (!receiveInto(socket, memory, take)) socket.on('data', take);
}

/** @returns false: this Node does it in another way, and nothing was changed */
export function receiveInto(
  socket: Socket,
  memory: Buffer,
  take: (bytes: Buffer) => void,
): boolean {
  const internals = socket as unknown as Internals;
  const handle = internals._handle;
  const names = Object.getOwnPropertySymbols(socket);
  const buffer = names.find(({ description }) => description === BUFFER);
  const call = names.find(({ description }) => description === CALL);
  if (handle?.useUserBuffer === undefined || buffer === undefined || call === undefined) {
    return false;
  }
  internals[buffer] = memory;
  internals[call] = (count: number): boolean => {
    take(memory.subarray(0, count));
    return true; // go on: who wants to stop pauses the socket
  };
  handle.useUserBuffer(memory);
  socket.resume();
  return true;
}
