/**
 * Types as the checker sees them: those of fields, and that of the untyped NULL. Says what converts to what
 * by itself (long to double, NULL to anything) and what a CAST may ask for.
 *
 * A long is a safe integer, |v| <= 2^53 - 1, held in a double. A result outside of it is NULL, until
 * 64-bit columns move that border to int64; so are timestamps and intervals, which are microseconds.
 */
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  LONG,
  STRING,
  sameType,
  TIMESTAMP,
  typeText,
} from '../stream/schema.ts';

export const SAFE_MAX = Number.MAX_SAFE_INTEGER;

/** The type of the literal NULL, before it takes the type of what stands beside it. */
export const UNTYPED = { kind: 'null' } as const;
export type SqlType = DataType | typeof UNTYPED;

export function isUntyped(type: SqlType): type is typeof UNTYPED {
  return type.kind === 'null';
}

/** @returns the type as an author writes it, with its article: `a long`, `an array<string>` */
export function describeType(type: SqlType): string {
  if (isUntyped(type)) return 'NULL';
  const text = typeText(type);
  return /^[aeiou]/.test(text) ? `an ${text}` : `a ${text}`;
}

/** Does a value of `from` become one of `to` by itself? */
export function converts(from: SqlType, to: DataType): boolean {
  if (isUntyped(from)) return true;
  return sameType(from, to) || (from.kind === 'long' && to.kind === 'double');
}

/** @returns the type both convert to, `UNTYPED` for two NULLs, undefined if there is none */
export function commonType(a: SqlType, b: SqlType): SqlType | undefined {
  if (isUntyped(a)) return b;
  if (isUntyped(b) || converts(b, a)) return a;
  return converts(a, b) ? b : undefined;
}

/** Types that `=` and `<` take so far. */
export function isComparable(type: SqlType): boolean {
  return !['array', 'struct', 'map'].includes(type.kind);
}

/** Type names of a CAST, in capitals. */
export const CAST_TYPES: ReadonlyMap<string, DataType> = new Map([
  ['BOOLEAN', BOOLEAN],
  ['BIGINT', LONG],
  ['LONG', LONG],
  ['DOUBLE', DOUBLE],
  ['STRING', STRING],
  ['TIMESTAMP', TIMESTAMP],
]);

/** Names other dialects use, and what to write here. */
export const CAST_TYPES_REFUSED: ReadonlyMap<string, string> = new Map([
  ['INT', 'BIGINT'],
  ['INTEGER', 'BIGINT'],
  ['SMALLINT', 'BIGINT'],
  ['SHORT', 'BIGINT'],
  ['TINYINT', 'BIGINT'],
  ['BYTE', 'BIGINT'],
  ['FLOAT', 'DOUBLE'],
  ['REAL', 'DOUBLE'],
  ['VARCHAR', 'STRING'],
  ['CHAR', 'STRING'],
  ['TEXT', 'STRING'],
  ['BOOL', 'BOOLEAN'],
  ['DATETIME', 'TIMESTAMP'],
]);

/** @returns the name an author writes in a CAST to get `type`; undefined: there is no such CAST */
export function castName(type: SqlType): string | undefined {
  return type.kind === 'long'
    ? 'BIGINT'
    : [...CAST_TYPES].find(([, t]) => t.kind === type.kind)?.[0];
}

/** May a CAST turn `from` into `to`? What the value does not allow is NULL. */
export function canCast(from: SqlType, to: DataType): boolean {
  if (isUntyped(from) || from.kind === to.kind) return true;
  if (!CAST_TYPES.has(castName(from) ?? '')) return false;
  const kinds = [from.kind, to.kind];
  return !(kinds.includes('boolean') && kinds.includes('timestamp'));
}
