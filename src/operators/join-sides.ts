/** What is known of the two sides of a join: their keys, the fields that are used of them, what is kept of each. */
import { type DataType, DOUBLE, type Field, TIMESTAMP } from '../stream/schema.ts';
import { readByCalls } from './aggregate-check.ts';
import type { Checked } from './join-check.ts';
import type { Kind } from './join-form.ts';
import { layoutOf } from './join-scope.ts';
import type { InputStream } from './operator.ts';
import type { RowSideShape } from './operator-state.ts';
import { readsOf } from './spec.ts';

export const LEFT = 0;
export const RIGHT = 1;

/** Columns of the key in a side, in the order of the key. */
export function keysOf({ keys }: Checked, side: number): readonly number[] {
  return keys.map((key) => (side === LEFT ? key.left : key.right));
}

/** Fields of an input that expressions over its records read, ascending. @param side 0: left, 1: right */
export function usedFields(checked: Checked, side: number): readonly number[] {
  const { left, keys, where, fields, calls, unmatchedTo } = checked;
  const layout = layoutOf(checked);
  const used = new Set<number>();
  if (side === 0 && unmatchedTo !== undefined) {
    for (const field of left.schema.fields.keys()) used.add(field);
  }
  const expressions = [...fields.map((field) => field.expression), ...readByCalls(calls)];
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
  const { where, fields, calls } = checked;
  const expressions = [...fields.map((field) => field.expression), ...readByCalls(calls)];
  const reads = readsOf(where === undefined ? expressions : [...expressions, where]);
  return reads.has(layoutOf(checked).rightTime);
}

/** Fields of records that wait for their turn: what is used of them later, and of right ones what ranks them. */
export function waitingFields(checked: Checked, side: number): readonly number[] {
  const used = [...new Set([...usedFields(checked, side), ...keysOf(checked, side)])];
  if (side === LEFT) return used.sort((a, b) => a - b);
  // The greater of two records is found out field by field; what follows the last that is used makes no difference.
  return Array.from({ length: Math.max(...used) + 1 }, (_, field) => field);
}

/** Fields of an input that have to be decoded for what leaves, or is kept. */
export function neededFields(checked: Checked, side: number): readonly number[] {
  const { form } = checked;
  if (form.by === 'event_time') return waitingFields(checked, side);
  const until = form.by === 'left' && side === LEFT ? (form.until ?? []) : [];
  return [...usedFields(checked, side), ...keysOf(checked, side)].concat(until);
}

/** What a join keeps: by side, or, where it looks left records up, of the versions of the right, and of who waits. */
export function keptSides(checked: Checked): readonly RowSideShape[] {
  const typesOf = (side: number, fields: readonly number[]): readonly DataType[] =>
    fields.map((field) => inputOf(checked, side).schema.fields[field].type);
  const ofRight = typesOf(RIGHT, usedFields(checked, RIGHT));
  switch (checked.form.by) {
    case 'arrival': {
      // Versions are found by when they came, so the time they carry is a column like others.
      const time = readsRightTime(checked) ? [TIMESTAMP] : [];
      return [{ columns: [...ofRight, ...time], expires: false, found: 'newest' }];
    }
    case 'event_time': {
      const numbers = checked.right.stateless ? [DOUBLE] : [];
      const left = typesOf(LEFT, waitingFields(checked, LEFT));
      const right = [...typesOf(RIGHT, waitingFields(checked, RIGHT)), ...numbers];
      return [
        { columns: ofRight, expires: false, found: 'newest' },
        { columns: left, expires: true, found: 'none' },
        { columns: right, expires: true, found: 'none' },
      ];
    }
    case 'left': {
      // Who waits is kept by its end, so its own time is a column like others.
      const left = [...typesOf(LEFT, waitingFields(checked, LEFT)), TIMESTAMP];
      return [
        { columns: left, expires: true, found: 'none' },
        { columns: ofRight, expires: false },
      ];
    }
    default:
      return [LEFT, RIGHT].map((side) => ({
        // Behind the fields where its window begins; it ends where its time says.
        columns: [
          ...typesOf(side, usedFields(checked, side)),
          ...(checked.windowed ? [TIMESTAMP] : []),
        ],
        expires: leavesAlone(checked, side),
      }));
  }
}

/** All that is kept of records besides their keys, so that what is the same is written the same. */
export function keptAsText(checked: Checked): string {
  const fieldsOf = (side: number, fields: readonly number[]): readonly Field[] =>
    fields.map((field) => inputOf(checked, side).schema.fields[field]);
  const sides = checked.form.by === 'arrival' ? [RIGHT] : [LEFT, RIGHT];
  const used = sides.map((side) => fieldsOf(side, usedFields(checked, side)));
  const waits = { event_time: [LEFT, RIGHT], left: [LEFT] };
  const { by } = checked.form;
  const waiting = (by === 'event_time' || by === 'left' ? waits[by] : []).map((side) =>
    fieldsOf(side, waitingFields(checked, side)),
  );
  return JSON.stringify([used, waiting, keptSides(checked).map(({ columns }) => columns)]);
}
