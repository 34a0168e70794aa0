/** What is known of the two sides of a join: their keys, the fields that are used of them, what is kept of each. */
import { type DataType, TIMESTAMP } from '../stream/schema.ts';
import type { Checked } from './join-check.ts';
import type { Kind } from './join-form.ts';
import { layoutOf } from './join-scope.ts';
import type { InputStream, RowSideShape } from './operator.ts';
import { readsOf } from './spec.ts';

export const LEFT = 0;
export const RIGHT = 1;

/** Columns of the key in a side, in the order of the key. */
export function keysOf({ keys }: Checked, side: number): readonly number[] {
  return keys.map((key) => (side === LEFT ? key.left : key.right));
}

/** Fields of an input that expressions over its records read, ascending. @param side 0: left, 1: right */
export function usedFields(checked: Checked, side: number): readonly number[] {
  const { left, keys, where, fields, unmatchedTo } = checked;
  const layout = layoutOf(checked);
  const used = new Set<number>();
  if (side === 0 && unmatchedTo !== undefined) {
    for (const field of left.schema.fields.keys()) used.add(field);
  }
  const expressions = fields.map((field) => field.expression);
  for (const index of readsOf(where === undefined ? expressions : [...expressions, where])) {
    if (index >= layout.leftTime) continue;
    if (index >= layout.keys) {
      const key = keys[index - layout.keys];
      used.add(side === 0 ? key.left : key.right);
    } else if (side === 0 ? index < layout.right : index >= layout.right) {
      used.add(side === 0 ? index : index - layout.right);
    }
  }
  return [...used].sort((a, b) => a - b);
}

export function inputOf({ left, right }: Checked, side: number): InputStream {
  return side === LEFT ? left : right;
}

/** Records of a side that have found no partner are told from those that have. */
export function leavesAlone({ kind, unmatchedTo }: Checked, side: number): boolean {
  const kinds: readonly Kind[] = side === LEFT ? ['left', 'full', 'anti'] : ['right', 'full'];
  return kinds.includes(kind) || (side === LEFT && unmatchedTo !== undefined);
}

/** Whether anything is computed from the time of right records. */
export function readsRightTime(checked: Checked): boolean {
  const { where, fields } = checked;
  const expressions = fields.map((field) => field.expression);
  const reads = readsOf(where === undefined ? expressions : [...expressions, where]);
  return reads.has(layoutOf(checked).rightTime);
}

/** What a join keeps: by side, or, where it looks left records up, of the versions of the right. */
export function keptSides(checked: Checked): readonly RowSideShape[] {
  const typesOf = (side: number): readonly DataType[] =>
    usedFields(checked, side).map((field) => inputOf(checked, side).schema.fields[field].type);
  if (checked.form.by === 'arrival') {
    // Versions are found by when they came, so the time they carry is a column like others.
    const time = readsRightTime(checked) ? [TIMESTAMP] : [];
    return [{ columns: [...typesOf(RIGHT), ...time], expires: false, found: 'newest' }];
  }
  return [LEFT, RIGHT].map((side) => ({
    columns: typesOf(side),
    expires: leavesAlone(checked, side),
  }));
}
