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

export function gatherPositions(values: Int32Array, at: Int32Array, count: number): Int32Array {
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

/** Picks rows into memory of its own: what it gives is valid until its next call. */
export class Gatherer {
  #numbers = new Float64Array(0);
  #flags = new Uint8Array(0);
  #valid = new Uint8Array(0);
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);

  /** As `gather`, of positions that are not negative. */
  gather(column: Column, at: Int32Array, count: number): Column {
    let valid: Validity = null;
    if (column.valid !== null) {
      if (this.#valid.length < count) this.#valid = new Uint8Array(2 * count);
      pickFlags(this.#valid, column.valid, at, count);
      valid = this.#valid;
    }
    switch (column.type) {
      case 'array':
      case 'struct':
        return gather(column, at, count);
      case 'boolean':
        if (this.#flags.length < count) this.#flags = new Uint8Array(2 * count);
        pickFlags(this.#flags, column.values, at, count);
        return { type: 'boolean', values: this.#flags, valid };
      case 'string':
        if (this.#starts.length < count) {
          this.#starts = new Int32Array(2 * count);
          this.#ends = new Int32Array(2 * count);
        }
        pickPositions(this.#starts, column.starts, at, count);
        pickPositions(this.#ends, column.ends, at, count);
        return {
          type: 'string',
          bytes: column.bytes,
          starts: this.#starts,
          ends: this.#ends,
          valid,
        };
      default:
        return { type: column.type, values: this.numbers(column.values, at, count), valid };
    }
  }

  numbers(values: Float64Array, at: Int32Array, count: number): Float64Array {
    if (this.#numbers.length < count) this.#numbers = new Float64Array(2 * count);
    const out = this.#numbers;
    const n = count | 0;
    for (let k = 0; k < n; k++) out[k] = values[at[k]];
    return out;
  }
}

function pickFlags(out: Uint8Array, values: Uint8Array, at: Int32Array, count: number): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) out[k] = values[at[k]];
}

function pickPositions(out: Int32Array, values: Int32Array, at: Int32Array, count: number): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) out[k] = values[at[k]];
}
