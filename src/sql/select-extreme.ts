/**
 * The operations behind greatest and least: of several columns the value that stands last or first in order.
 * NULLs are skipped, so a row is NULL only where all inputs are; NaN is the greatest number; of equal values
 * the first stays.
 */
import type { Column, StringColumn, Validity } from '../stream/column.ts';
import { booleanColumn, flags, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import { orderBytes } from './kernels-compare.ts';
import type { Scratch } from './scratch.ts';
import { blendTexts } from './select-value.ts';
import type { Operation } from './typed.ts';

/** Takes over numbers that are there and beat what has been found; `found` says where something has. */
function takeNumbers(
  out: Float64Array,
  found: Uint8Array,
  from: Float64Array,
  valid: Validity,
  sign: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const upwards = sign > 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    if (valid !== null && valid[i] === 0) continue;
    const now = out[i];
    const next = from[i];
    const beats = upwards
      ? next > now || Number.isNaN(next)
      : next < now || (Number.isNaN(now) && !Number.isNaN(next));
    if (found[i] === 0 || beats) out[i] = next;
    found[i] = 1;
  }
}

/** The same for flags, FALSE before TRUE. */
function takeFlags(
  out: Uint8Array,
  found: Uint8Array,
  from: Uint8Array,
  valid: Validity,
  sign: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const wanted = sign > 0 ? 1 : 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    if (valid !== null && valid[i] === 0) continue;
    if (found[i] === 0 || from[i] === wanted) out[i] = from[i];
    found[i] = 1;
  }
}

/** For each row the index of the text that wins, any where there is none. */
function chooseTexts(
  choice: Int32Array,
  found: Uint8Array,
  inputs: readonly StringColumn[],
  sign: number,
  { selection, selected }: Rows,
): void {
  for (const [next, { bytes, starts, ends, valid }] of inputs.entries()) {
    for (let k = 0; k < selected; k++) {
      const i = selection === null ? k : selection[k];
      if (valid !== null && valid[i] === 0) continue;
      const now = inputs[choice[i]];
      const order = orderBytes(bytes, starts[i], ends[i], now.bytes, now.starts[i], now.ends[i]);
      if (found[i] === 0 || order * sign > 0) choice[i] = next;
      found[i] = 1;
    }
  }
}

function extreme(name: string, sign: number): Operation {
  return {
    name,
    strict: false,
    factory: (_, type) => (inputs: readonly Column[], rows: Rows, out: Scratch) => {
      const { selection, selected } = rows;
      const found = out.validity(rows.rows).fill(0, 0, rows.rows);
      out.valid = found;
      if (type.kind === 'string') {
        const choice = out.positions(rows.rows).fill(0, 0, rows.rows);
        chooseTexts(choice, found, inputs.map(texts), sign, rows);
        return blendTexts(inputs, [...inputs.keys()], choice, rows, out);
      }
      if (type.kind === 'boolean') {
        const values = out.flags(rows.rows);
        for (const input of inputs) {
          takeFlags(values, found, flags(input), input.valid, sign, selection, selected);
        }
        return booleanColumn(values, found);
      }
      const values = out.numbers(rows.rows);
      for (const input of inputs) {
        takeNumbers(values, found, numbers(input), input.valid, sign, selection, selected);
      }
      return numberColumn(type, values, found);
    },
  };
}

export const GREATEST = extreme('greatest', 1);
export const LEAST = extreme('least', -1);
