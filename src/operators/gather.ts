/** Rows of a column picked by position into new arrays: what an operator needs that changes how many rows there are. */
import type { Column } from '../stream/column.ts';

/** Row k of the result is row at[k] of the column; for a negative position it is NULL. */
export function gather(column: Column, at: Int32Array, count: number): Column {
  const valid = gatherValidity(column, at, count);
  switch (column.type) {
    case 'boolean': {
      const values = new Uint8Array(count);
      for (let k = 0; k < count; k++) values[k] = at[k] < 0 ? 0 : column.values[at[k]];
      return { type: 'boolean', values, valid };
    }
    case 'string': {
      const { bytes } = column;
      const starts = new Int32Array(count);
      const ends = new Int32Array(count);
      for (let k = 0; k < count; k++) {
        if (at[k] < 0) continue;
        starts[k] = column.starts[at[k]];
        ends[k] = column.ends[at[k]];
      }
      return { type: 'string', bytes, starts, ends, valid };
    }
    case 'array': {
      const { element } = column;
      const starts = new Int32Array(count);
      const lengths = new Int32Array(count);
      for (let k = 0; k < count; k++) {
        if (at[k] < 0) continue;
        starts[k] = column.starts[at[k]];
        lengths[k] = column.lengths[at[k]];
      }
      return { type: 'array', starts, lengths, element, valid };
    }
    case 'struct':
      return { type: 'struct', fields: column.fields.map((f) => gather(f, at, count)), valid };
    default:
      return { type: column.type, values: gatherNumbers(column.values, at, count), valid };
  }
}

export function gatherNumbers(values: Float64Array, at: Int32Array, count: number): Float64Array {
  const out = new Float64Array(count);
  for (let k = 0; k < count; k++) out[k] = at[k] < 0 ? 0 : values[at[k]];
  return out;
}

function gatherValidity(column: Column, at: Int32Array, count: number): Uint8Array | null {
  let some = column.valid !== null;
  for (let k = 0; k < count && !some; k++) some = at[k] < 0;
  if (!some) return null;
  const valid = new Uint8Array(count);
  for (let k = 0; k < count; k++) {
    valid[k] = at[k] < 0 ? 0 : column.valid === null ? 1 : column.valid[at[k]];
  }
  return valid;
}
