/** Reading inside of arrays and structs: nothing is copied but where it lies. */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import { arrays, booleanColumn, type Kernel, numberColumn, numbers, type Rows } from './kernel.ts';
import { both } from './kernels-logic.ts';
import type { Scratch } from './scratch.ts';
import type { Operation } from './typed.ts';

/** `struct.field`: the child itself, NULL where the struct is. `index` is its place in the struct's type. */
export function fieldOperation(index: number): Operation {
  const kernel: Kernel = ([base], rows, out) => {
    assert(base.type === 'struct');
    const child = base.fields[index];
    if (base.valid === null) return child;
    if (child.valid === null) return { ...child, valid: base.valid };
    const valid = out.validity(rows.rows);
    both(valid, base.valid, child.valid, rows.selection, rows.selected);
    return { ...child, valid };
  };
  return { name: `field ${index}`, strict: false, factory: () => kernel };
}

/** @param place what an index is as a count from 0, in an array of a length */
function elementOperation(
  name: string,
  place: (index: number, length: number) => number,
): Operation {
  const kernel: Kernel = (inputs, rows, out) => {
    const { starts, lengths, element } = arrays(inputs[0]);
    const index = numbers(inputs[1]);
    const at = out.positions(rows.rows);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const present = out.valid === null || out.valid[i] === 1;
      const nth = place(index[i], lengths[i]);
      at[i] = present && nth >= 0 && nth < lengths[i] ? starts[i] + nth : -1;
    }
    return gather(element, at, rows, out);
  };
  return { name, strict: true, factory: () => kernel };
}

/** `array[index]`, from 0: NULL outside. */
export const ELEMENT = elementOperation('element', (index) => index);
/** From 1, or -1 for the last; NULL for 0 and outside. */
export const TRY_ELEMENT_AT = elementOperation('try_element_at', (index, length) =>
  index > 0 ? index - 1 : index < 0 ? length + index : -1,
);

/** A column whose row i is row at[i] of `from`, NULL where that is -1. */
export function gather(from: Column, at: Int32Array, rows: Rows, out: Scratch): Column {
  const { selection, selected } = rows;
  const valid = out.validity(rows.rows);
  gatherFlags(valid, from.valid, at, selection, selected);
  switch (from.type) {
    case 'string': {
      const starts = gatherPositions(out.starts(rows.rows), from.starts, at, selection, selected);
      const ends = gatherPositions(out.ends(rows.rows), from.ends, at, selection, selected);
      return { type: 'string', bytes: from.bytes, starts, ends, valid };
    }
    case 'array': {
      const starts = gatherPositions(out.starts(rows.rows), from.starts, at, selection, selected);
      const lengths = gatherPositions(out.ends(rows.rows), from.lengths, at, selection, selected);
      return { type: 'array', starts, lengths, element: from.element, valid };
    }
    case 'struct': {
      const fields = from.fields.map((field, i) => gather(field, at, rows, out.part(i)));
      return { type: 'struct', fields, valid };
    }
    case 'boolean': {
      const values = out.flags(rows.rows);
      gatherFlags(values, from.values, at, selection, selected);
      return booleanColumn(values, valid);
    }
    default: {
      const values = out.numbers(rows.rows);
      for (let k = 0; k < selected; k++) {
        const i = selection === null ? k : selection[k];
        values[i] = at[i] < 0 ? 0 : from.values[at[i]];
      }
      return numberColumn({ kind: from.type }, values, valid);
    }
  }
}

/** Flags at positions, 0 at -1; `from` null: all are 1. */
function gatherFlags(
  out: Uint8Array,
  from: Uint8Array | null,
  at: Int32Array,
  selection: Int32Array | null,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = at[i] < 0 ? 0 : from === null ? 1 : from[at[i]];
  }
}

/** Positions at positions, an empty range at -1. */
function gatherPositions(
  out: Int32Array,
  from: Int32Array,
  at: Int32Array,
  selection: Int32Array | null,
  count: number,
): Int32Array {
  for (let k = 0; k < count; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = at[i] < 0 ? 0 : from[at[i]];
  }
  return out;
}
