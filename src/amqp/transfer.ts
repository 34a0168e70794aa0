/**
 * The frame that carries a message, written by us: rhea makes a dozen objects for each. It is for messages
 * that go in one frame, which is nearly all; what must be cut into several goes through rhea.
 */

/** A delivery tag is the number of the message: eight bytes, big-endian. */
const TAG_BYTES = 8;

/** The frame's header and the performative, up to the message (AMQP 1.0, 2.3.1 and 2.7.5). */
export const TRANSFER_BYTES = 37;

const HIGH = 2 ** 32;

export function tagOf(sequence: number): Buffer {
  const tag = Buffer.allocUnsafe(TAG_BYTES);
  putUint32(tag, 0, Math.floor(sequence / HIGH));
  putUint32(tag, 4, sequence);
  return tag;
}

/** Writes a whole transfer frame at `at`: TRANSFER_BYTES and the payload. */
export function putTransfer(
  into: Buffer,
  at: number,
  channel: number,
  handle: number,
  id: number,
  sequence: number,
  payload: Buffer,
): void {
  putUint32(into, at, TRANSFER_BYTES + payload.length);
  into[at + 4] = 2; // the header is two words
  into[at + 5] = 0;
  into[at + 6] = channel >>> 8;
  into[at + 7] = channel;
  into[at + 8] = 0x00;
  into[at + 9] = 0x53;
  into[at + 10] = 0x14;
  into[at + 11] = 0xc0; // a list of six fields in 24 bytes, their count included
  into[at + 12] = 24;
  into[at + 13] = 6;
  into[at + 14] = 0x70;
  putUint32(into, at + 15, handle);
  into[at + 19] = 0x70;
  putUint32(into, at + 20, id);
  into[at + 24] = 0xa0;
  into[at + 25] = TAG_BYTES;
  putUint32(into, at + 26, Math.floor(sequence / HIGH));
  putUint32(into, at + 30, sequence);
  into[at + 34] = 0x43; // message format 0
  into[at + 35] = 0x42; // not settled
  into[at + 36] = 0x42; // no more frames
  payload.copy(into, at + TRANSFER_BYTES);
}

function putUint32(into: Buffer, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
