/**
 * One column of the rows of several that have one type: row r of the result is row `at[r]` of input `from[r]`.
 * Texts share their bytes where all inputs do and are copied otherwise; what is nested is blended in its turn.
 */

import { strict as assert } from 'node:assert';
import type { ArrayColumn, Column, StringColumn, Validity } from '../stream/column.ts';
import { arrays, booleanColumn, flags, numberColumn, numbers, texts } from './kernel.ts';
import type { Scratch } from './scratch.ts';

/** Which rows a blend takes, `count` of them. */
export interface Mixture {
  readonly from: Int32Array;
  readonly at: Int32Array;
  readonly count: number;
}

/** @param inputs at least one */
export function blend(inputs: readonly Column[], mixture: Mixture, out: Scratch): Column {
  const { count } = mixture;
  const [{ type }] = inputs;
  out.used = 0;
  out.valid = blendValidity(inputs, mixture, out);
  if (type === 'string') return blendTexts(inputs.map(texts), mixture, out);
  if (type === 'array') return blendArrays(inputs.map(arrays), mixture, out);
  if (type === 'struct') return blendStructs(inputs, mixture, out);
  if (type === 'boolean') {
    const values = out.flags(count);
    for (const [i, input] of inputs.entries()) takeFlags(values, flags(input), i, mixture);
    return booleanColumn(values, out.valid);
  }
  const values = out.numbers(count);
  for (const [i, input] of inputs.entries()) takeNumbers(values, numbers(input), i, mixture);
  return numberColumn({ kind: type }, values, out.valid);
}

function blendValidity(inputs: readonly Column[], mixture: Mixture, out: Scratch): Validity {
  if (inputs.every(({ valid }) => valid === null)) return null;
  const valid = out.validity(mixture.count);
  for (const [i, input] of inputs.entries()) takeFlags(valid, input.valid, i, mixture);
  return valid;
}

/** The flags that come from one input, which are all 1 without an array of them. */
function takeFlags(
  out: Uint8Array,
  values: Uint8Array | null,
  input: number,
  { from, at, count }: Mixture,
): void {
  const wanted = input | 0;
  for (let r = 0; r < count; r++) {
    if (from[r] === wanted) out[r] = values === null ? 1 : values[at[r]];
  }
}

function takeNumbers(
  out: Float64Array,
  values: Float64Array,
  input: number,
  { from, at, count }: Mixture,
): void {
  const wanted = input | 0;
  for (let r = 0; r < count; r++) if (from[r] === wanted) out[r] = values[at[r]];
}

function blendTexts(
  inputs: readonly StringColumn[],
  { from, at, count }: Mixture,
  out: Scratch,
): StringColumn {
  const [{ bytes }] = inputs;
  const shared = inputs.every((input) => input.bytes === bytes);
  const { valid } = out;
  const [starts, ends] = [out.starts(count), out.ends(count)];
  for (let r = 0; r < count; r++) {
    const input = inputs[from[r]];
    const [start, end] = [input.starts[at[r]], input.ends[at[r]]];
    starts[r] = shared ? start : out.used;
    if (!shared && (valid === null || valid[r] === 1)) {
      out.makeRoom(end - start);
      out.append(input.bytes, start, end);
    }
    ends[r] = shared ? end : out.used;
  }
  return { type: 'string', bytes: shared ? bytes : out.bytes, starts, ends, valid };
}

function blendArrays(
  inputs: readonly ArrayColumn[],
  { from, at, count }: Mixture,
  out: Scratch,
): ArrayColumn {
  const { valid } = out;
  const [starts, lengths] = [out.starts(count), out.ends(count)];
  let total = 0;
  for (let r = 0; r < count; r++) {
    starts[r] = total;
    lengths[r] = valid === null || valid[r] === 1 ? inputs[from[r]].lengths[at[r]] : 0;
    total += lengths[r];
  }
  const mixture = mixtureIn(out, total);
  for (let r = 0; r < count; r++) {
    const first = inputs[from[r]].starts[at[r]];
    for (let i = 0; i < lengths[r]; i++) {
      mixture.from[starts[r] + i] = from[r];
      mixture.at[starts[r] + i] = first + i;
    }
  }
  const elements = inputs.map(({ element }) => element);
  return { type: 'array', starts, lengths, element: blend(elements, mixture, out.part(0)), valid };
}

/** A mixture whose arrays lie in a step's memory, for elements that come to lie in its first part. */
export function mixtureIn(out: Scratch, count: number): Mixture {
  return { from: out.part(1).positions(count), at: out.part(2).positions(count), count };
}

function blendStructs(inputs: readonly Column[], mixture: Mixture, out: Scratch): Column {
  const structs = inputs.map((input) => {
    assert(input.type === 'struct');
    return input.fields;
  });
  const fields = structs[0].map((_, i) =>
    blend(
      structs.map((children) => children[i]),
      mixture,
      out.part(i),
    ),
  );
  return { type: 'struct', fields, valid: out.valid };
}
