/** Rows of a column picked by position into new arrays, for operators that change how many rows there are. */
import type { Column, Validity } from '../stream/column.ts';

/** Row k of the result is row at[k] of the column; of a negative position it is NULL. */
export function gather(column: Column, at: Int32Array, count: number): Column {
  const valid = gatherValidity(column.valid, at, count);
  switch (column.type) {
    case 'boolean':
      return { type: 'boolean', values: gatherFlags(column.values, at, count), valid };
    case 'string': {
      const starts = gatherPositions(column.starts, at, count);
      const ends = gatherPositions(column.ends, at, count);
      return { type: 'string', bytes: column.bytes, starts, ends, valid };
    }
    case 'array': {
      const starts = gatherPositions(column.starts, at, count);
      const lengths = gatherPositions(column.lengths, at, count);
      return { type: 'array', starts, lengths, element: column.element, valid };
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

export function gatherFlags(values: Uint8Array, at: Int32Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let k = 0; k < count; k++) out[k] = at[k] < 0 ? 0 : values[at[k]];
  return out;
}

function gatherPositions(values: Int32Array, at: Int32Array, count: number): Int32Array {
  const out = new Int32Array(count);
  for (let k = 0; k < count; k++) out[k] = at[k] < 0 ? 0 : values[at[k]];
  return out;
}

function gatherValidity(valid: Validity, at: Int32Array, count: number): Validity {
  if (valid !== null) return gatherFlags(valid, at, count);
  let sign = 0;
  for (let k = 0; k < count; k++) sign |= at[k];
  if (sign >= 0) return null;
  const out = new Uint8Array(count);
  for (let k = 0; k < count; k++) out[k] = at[k] < 0 ? 0 : 1;
  return out;
}
