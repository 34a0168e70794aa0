/**
 * Whether what came is what a test's author wrote. Numbers are compared exactly: a long digit by digit, a double
 * by value unless there is a tolerance. A timestamp is compared with ISO text to the millisecond, which is all
 * that a message carries.
 */
import { Buffer } from 'node:buffer';
import type { ReadRecord, ReadValue } from '../codecs/message-reader.ts';
import { parseInstant } from '../topology/instant.ts';
import { isMapping, isSequence, type Mapping, type Value } from '../topology/value.ts';

export interface Strictness {
  /** No other fields than those named. */
  readonly exact: boolean;
  /** Of numbers, as a share of the greater one. */
  readonly tolerance: number;
}

export function sameRecord(expected: Mapping, came: ReadRecord, how: Strictness): boolean {
  if (how.exact && expected.size !== came.size) return false;
  for (const [name, value] of expected) {
    const other = came.get(name);
    if (other === undefined || !sameValue(value, other, how)) return false;
  }
  return true;
}

export function sameValue(expected: Value, came: ReadValue, how: Strictness): boolean {
  if (came === null || typeof came === 'boolean') return expected === came;
  if (typeof came === 'string') return expected === came;
  if (typeof came === 'number' || typeof came === 'bigint') {
    return typeof expected === 'number' && sameNumber(expected, came, how.tolerance);
  }
  if (came instanceof Date) {
    const at = typeof expected === 'string' ? parseInstant(expected) : undefined;
    return at !== undefined && Math.floor(at / 1000) === came.getTime();
  }
  if (came instanceof Uint8Array) return expected === Buffer.from(came).toString('utf8');
  if (came instanceof Map) return isMapping(expected) && sameRecord(expected, came, how);
  const list = came as readonly ReadValue[];
  return (
    isSequence(expected) &&
    expected.length === list.length &&
    expected.every((one, i) => sameValue(one, list[i], how))
  );
}

function sameNumber(expected: number, came: number | bigint, tolerance: number): boolean {
  if (Number.isNaN(expected)) return typeof came === 'number' && Number.isNaN(came);
  if (typeof came === 'bigint' && Number.isInteger(expected) && BigInt(expected) === came) {
    return true;
  }
  const number = Number(came);
  if (typeof came === 'number' && expected === number) return true;
  const most = Math.max(Math.abs(expected), Math.abs(number));
  return Math.abs(expected - number) <= tolerance * most && tolerance > 0;
}
