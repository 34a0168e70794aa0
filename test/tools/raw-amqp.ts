/** AMQP 1.0 by hand: a socket, frames built byte by byte, and the codes of the frames that came back. */
import { connect, type Socket } from 'node:net';
import { until } from './wait.ts';

export const AMQP = Buffer.from('AMQP\0\x01\0\0', 'latin1');
export const SASL = Buffer.from('AMQP\x03\x01\0\0', 'latin1');

export const nil = Buffer.from([0x40]);
export const yes = Buffer.from([0x41]);
export const no = Buffer.from([0x42]);

export function uint(value: number): Buffer {
  const bytes = Buffer.from([0x70, 0, 0, 0, 0]);
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.from([0xb1, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

export function symbol(text: string): Buffer {
  return Buffer.concat([Buffer.from([0xa3, text.length]), Buffer.from(text)]);
}

export function list(...values: Buffer[]): Buffer {
  const bytes = Buffer.concat(values);
  const head = Buffer.from([0xd0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length + 4, 1);
  head.writeUInt32BE(values.length, 5);
  return Buffer.concat([head, bytes]);
}

export function described(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0x53, code]), value]);
}

/** A frame of the given layer (0 AMQP, 1 SASL) around any bytes. */
export function frame(body: Buffer, channel = 0, type = 0): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 2, type, 0, channel]);
  head.writeUInt32BE(head.length + body.length);
  return Buffer.concat([head, body]);
}

export function performative(code: number, fields: Buffer[], channel = 0): Buffer {
  return frame(described(code, list(...fields)), channel);
}

export const open = (...rest: Buffer[]): Buffer => performative(0x10, [string('raw'), ...rest]);
export const begin = (channel = 0): Buffer =>
  performative(0x11, [nil, uint(0), uint(2048), uint(2048)], channel);
export const attach = (handle: number, name: string, address = 'results', channel = 0): Buffer =>
  performative(
    0x12,
    [
      string(name),
      uint(handle),
      yes,
      nil,
      nil,
      described(0x28, list(string(address))),
      described(0x29, list()),
    ],
    channel,
  );
export const flow = (handle: number, credit: number, window = 2048): Buffer =>
  performative(0x13, [
    uint(0),
    uint(window),
    uint(0),
    uint(2048),
    uint(handle),
    uint(0),
    uint(credit),
  ]);
export const disposition = (first: number, last: number, role = yes): Buffer =>
  performative(0x15, [role, uint(first), uint(last), yes, described(0x24, list())]);
export const detach = (handle: number): Buffer => performative(0x16, [uint(handle), yes]);
export const end = (channel = 0): Buffer => performative(0x17, [], channel);
/** From the protocol header to an open session. */
export const hello = Buffer.concat([AMQP, open(), begin()]);

export interface Raw {
  readonly socket: Socket;
  /** Everything that came back. */
  bytes(): Buffer;
  /** Codes of the performatives that came back, in order. */
  codes(): number[];
  closed: boolean;
}

const sockets: Socket[] = [];

export async function rawConnect(port: number): Promise<Raw> {
  const socket = connect({ port, host: '127.0.0.1' });
  sockets.push(socket);
  const chunks: Buffer[] = [];
  const raw: Raw = {
    socket,
    bytes: () => Buffer.concat(chunks),
    codes: () => codesIn(Buffer.concat(chunks)),
    closed: false,
  };
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.on('close', () => {
    raw.closed = true;
  });
  await until(() => socket.readyState === 'open' || raw.closed);
  return raw;
}

/** Destroys every socket that a test opened. */
export function destroySockets(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}

function codesIn(bytes: Buffer): number[] {
  const codes: number[] = [];
  let at = 0;
  while (bytes.length - at >= 8) {
    if (bytes.toString('latin1', at, at + 4) === 'AMQP') {
      at += 8;
      continue;
    }
    const size = bytes.readUInt32BE(at);
    if (bytes.length - at < size) break;
    if (size > 10) codes.push(bytes[at + 10]);
    at += size;
  }
  return codes;
}
