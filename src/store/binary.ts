/**
 * The two integers that DataView has only as BigInt, as doubles: whole numbers up to 2^53 in eight
 * little-endian bytes. Positions, sequences and times of every file go through here.
 */
import assert from 'node:assert/strict';

const HIGH = 2 ** 32;

/** Whole number from 0 to 2^53. */
export function putU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / HIGH), true);
}

/** @returns NaN for what no double holds exactly, which compares with nothing */
export function getU64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * HIGH + view.getUint32(at, true);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}

/** Whole number from -2^53 to 2^53, in two's complement. */
export function putI64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setInt32(at + 4, Math.floor(value / HIGH), true);
}

export function getI64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * HIGH + view.getUint32(at, true);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The 16 bytes of an id of 32 hexadecimal digits. */
export function idBytes(hex: string): Buffer {
  assert.match(hex, /^[0-9a-f]{32}$/, 'ids are 128 bits in hexadecimal');
  return Buffer.from(hex, 'hex');
}

/** A number as 16 hexadecimal digits, so that names sort as their numbers do. */
export function hexName(value: number): string {
  return value.toString(16).padStart(16, '0');
}

/** @returns the number of a name that `hexName` made */
export function hexNumber(name: string): number | undefined {
  if (!/^[0-9a-f]{16}$/.test(name)) return undefined;
  const value = Number.parseInt(name, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}
