/** Reading inside of arrays and structs. */
import type { Column } from '../stream/column.ts';
import { operation } from './function.ts';
import { arrays, booleanColumn, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import { countOf } from './operations.ts';
import type { Scratch } from './scratch.ts';

/** `struct.field`: the child itself, NULL where the struct is. */
export const FIELD = operation(
  'field',
  (args) =>
    ([base], rows, out) => {
      if (base.type !== 'struct') throw new Error('only a struct has fields');
      const child: Column = base.fields[Number(args[1].value)];
      if (base.valid === null) return child;
      const valid = out.validity(rows.rows);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        valid[i] = base.valid[i] & (child.valid === null ? 1 : child.valid[i]);
      }
      return { ...child, valid };
    },
  false,
);

/** Position of element `index` (from 0) of each row in the child, or -1. */
function positions(
  inputs: readonly Column[],
  rows: Rows,
  out: Scratch,
  element: Column,
): Int32Array {
  const { starts, lengths } = arrays(inputs[0]);
  const index = numbers(inputs[1]);
  const at = out.positions(rows.rows);
  const valid = out.ownValidity(rows);
  for (let k = 0; k < countOf(rows); k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    const position = starts[i] + index[i];
    const inside = valid[i] === 1 && index[i] >= 0 && index[i] < lengths[i];
    const present = inside && (element.valid === null || element.valid[position] === 1);
    valid[i] = present ? 1 : 0;
    at[i] = present ? position : -1;
  }
  return at;
}

/** `array[index]`: NULL outside. */
export const ELEMENT = operation('element', () => (inputs, rows, out) => {
  const { element } = arrays(inputs[0]);
  const at = positions(inputs, rows, out, element);
  const count = countOf(rows);
  if (element.type === 'string') {
    const source = texts(element);
    const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
    for (let k = 0; k < count; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      starts[i] = at[i] < 0 ? 0 : source.starts[at[i]];
      ends[i] = at[i] < 0 ? 0 : source.ends[at[i]];
    }
    return { type: 'string', bytes: source.bytes, starts, ends, valid: out.valid };
  }
  if (element.type === 'boolean') {
    const values = out.flags(rows.rows);
    for (let k = 0; k < count; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      values[i] = at[i] < 0 ? 0 : element.values[at[i]];
    }
    return booleanColumn(values, out.valid);
  }
  const from = numbers(element);
  const values = out.numbers(rows.rows);
  for (let k = 0; k < count; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    values[i] = at[i] < 0 ? 0 : from[at[i]];
  }
  return numberColumn(
    { kind: element.type } as Parameters<typeof numberColumn>[0],
    values,
    out.valid,
  );
});
