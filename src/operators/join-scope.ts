/**
 * The records of a join as its expressions see them. A pair is one row of columns:
 *
 *   fields of the left, fields of the right, keys, the left record's time, the right one's
 *
 * A key is in both records of a pair, so the left one's is read; where that may be missing, the key is a
 * column of its own, which is there of a right record that stands alone.
 */
import type { Expression, Found, Scope } from '../sql/expression.ts';
import { expressionOf } from '../sql/expression-of.ts';
import { type DataType, type Field, fieldIndex, TIMESTAMP } from '../stream/schema.ts';
import type { InputStream } from './operator.ts';

/** Columns of a key on both sides. */
export interface Key {
  readonly left: number;
  readonly right: number;
  readonly type: DataType;
}

export interface Sides {
  readonly left: InputStream;
  readonly right: InputStream;
  readonly keys: readonly Key[];
  /** Both records of a pair are results of one window, whose bounds may be used. */
  readonly windowed: boolean;
}

/** Which records may be missing where an expression is computed. */
export interface Missing {
  readonly left: boolean;
  readonly right: boolean;
}

/** Where the columns of a pair begin. */
export interface Layout {
  readonly right: number;
  readonly keys: number;
  readonly leftTime: number;
  readonly rightTime: number;
}

export function layoutOf({ left, right, keys }: Sides): Layout {
  const first = left.schema.fields.length;
  const behind = first + right.schema.fields.length;
  const leftTime = behind + keys.length;
  return { right: first, keys: behind, leftTime, rightTime: leftTime + 1 };
}

/** The time of the right record of a pair: of several, it says which came first. */
export function timeOfRight(index: number): Expression {
  const slot = { from: 'column', index } as const;
  return expressionOf('right._time', { kind: 'read', slot, type: TIMESTAMP, nullable: false });
}

/** The key that stands for both sides under its left name; its type is not NULL where both sides' are not. */
export function keyField({ left, right }: Sides, key: Key, missing: Missing): Field {
  const own = left.schema.fields[key.left];
  const other = right.schema.fields[key.right];
  return { ...own, nullable: own.nullable || (missing.left && other.nullable) };
}

/** Names of both sides, `left.x`, `right.x` and with the names of the streams. */
export function pairScope(sides: Sides, missing: Missing): Scope {
  const { left, right, keys } = sides;
  const layout = layoutOf(sides);
  const inLeft = (name: string): Found | undefined =>
    found(left, name, 0, layout.leftTime, missing.left);
  const inRight = (name: string): Found | undefined =>
    found(right, name, layout.right, layout.rightTime, missing.right);
  const inKeys = (name: string): Found | undefined => {
    const i = keys.findIndex((key) => left.schema.fields[key.left].name === name);
    if (i < 0) return undefined;
    const other = fieldIndex(right.schema, name);
    // Another field of the right has the name of the key.
    if (other >= 0 && other !== keys[i].right) return undefined;
    const { type, nullable } = keyField(sides, keys[i], missing);
    const index = missing.left ? layout.keys + i : keys[i].left;
    return { slot: { from: 'column', index }, type, nullable };
  };
  const find: Scope['find'] = (name, qualifier) => {
    const isLeft = qualifier === 'left' || qualifier === left.name;
    const isRight = qualifier === 'right' || qualifier === right.name;
    if (qualifier !== null && !isLeft && !isRight) return undefined;
    const bound = boundOf(sides, name);
    if (bound !== undefined) return bound;
    const key = qualifier === null ? inKeys(name) : undefined;
    if (key !== undefined) return key;
    const [a, b] = [isRight && !isLeft, isLeft && !isRight];
    const ofLeft = a ? undefined : inLeft(name);
    const ofRight = b ? undefined : inRight(name);
    return ofLeft !== undefined && ofRight !== undefined ? 'ambiguous' : (ofLeft ?? ofRight);
  };
  const names = [...left.schema.fields, ...right.schema.fields].map((field) => field.name);
  return { find, names: [...new Set(names)] };
}

/** Names of the left side alone, as of a join that gives its records. */
export function leftScope(sides: Sides): Scope {
  const { left } = sides;
  const { leftTime } = layoutOf(sides);
  return {
    find: (name, qualifier) =>
      qualifier === null || qualifier === 'left' || qualifier === left.name
        ? (boundOf(sides, name) ?? found(left, name, 0, leftTime, false))
        : undefined,
    names: left.schema.fields.map((field) => field.name),
  };
}

/** A bound of the window of a pair, unless a field has its name. */
function boundOf({ left, right, windowed }: Sides, name: string): Found | undefined {
  if (!windowed || (name !== 'window_start' && name !== 'window_end')) return undefined;
  if ([left, right].some(({ schema }) => fieldIndex(schema, name) >= 0)) return undefined;
  return { slot: { from: name }, type: TIMESTAMP, nullable: false };
}

function found(
  { schema }: InputStream,
  name: string,
  first: number,
  time: number,
  missing: boolean,
): Found | undefined {
  const i = fieldIndex(schema, name);
  if (i >= 0) {
    const { type, nullable } = schema.fields[i];
    return { slot: { from: 'column', index: first + i }, type, nullable: nullable || missing };
  }
  if (name !== '_time') return undefined;
  return { slot: { from: 'column', index: time }, type: TIMESTAMP, nullable: missing };
}
