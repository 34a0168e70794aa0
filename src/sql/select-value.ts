/**
 * The operation behind CASE, if, coalesce and nullif: the value of the first condition that is TRUE.
 * Every branch is computed for every row, which is sound because expressions are total, and the results
 * are blended. Inputs: condition, value, condition, value, ..., otherwise.
 */
import type { Column, StringColumn } from '../stream/column.ts';
import { booleanColumn, flags, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import type { Scratch } from './scratch.ts';
import type { Operation } from './typed.ts';

export const FIRST_TRUE: Operation = {
  name: 'CASE',
  strict: false,
  factory: (_, type) => (inputs, rows, out) => {
    const choice = choose(inputs, rows, out);
    blendValidity(inputs, choice, rows, out);
    if (type.kind === 'string') return blendTexts(inputs, valueIndexes(inputs), choice, rows, out);
    const { selection, selected } = rows;
    if (type.kind === 'boolean') {
      const values = out.flags(rows.rows);
      for (const i of valueIndexes(inputs)) {
        takeFlags(values, flags(inputs[i]), choice, i, selection, selected);
      }
      return booleanColumn(values, out.valid);
    }
    const values = out.numbers(rows.rows);
    for (const i of valueIndexes(inputs)) {
      takeNumbers(values, numbers(inputs[i]), choice, i, selection, selected);
    }
    return numberColumn(type, values, out.valid);
  },
};

/** Inputs that are values: every second one, and the last. */
function valueIndexes(inputs: readonly Column[]): readonly number[] {
  const last = inputs.length - 1;
  return inputs.map((_, i) => i).filter((i) => i % 2 === 1 || i === last);
}

/** For each row the input that gives its value. */
function choose(inputs: readonly Column[], rows: Rows, out: Scratch): Int32Array {
  const { selection, selected } = rows;
  const choice = out.positions(rows.rows);
  choice.fill(inputs.length - 1, 0, rows.rows);
  for (let input = inputs.length - 3; input >= 0; input -= 2) {
    const { valid } = inputs[input];
    const values = flags(inputs[input]);
    for (let k = 0; k < selected; k++) {
      const i = selection === null ? k : selection[k];
      if (values[i] === 1 && (valid === null || valid[i] === 1)) choice[i] = input + 1;
    }
  }
  return choice;
}

function blendValidity(
  inputs: readonly Column[],
  choice: Int32Array,
  rows: Rows,
  out: Scratch,
): void {
  const indexes = valueIndexes(inputs);
  if (indexes.every((i) => inputs[i].valid === null)) return;
  const own = out.ownValidity(rows);
  for (const i of indexes) {
    const { valid } = inputs[i];
    if (valid !== null) takeFlags(own, valid, choice, i, rows.selection, rows.selected);
  }
}

function takeFlags(
  out: Uint8Array,
  from: Uint8Array,
  choice: Int32Array,
  wanted: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const w = wanted | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    if (choice[i] === w) out[i] = from[i];
  }
}

function takeNumbers(
  out: Float64Array,
  from: Float64Array,
  choice: Int32Array,
  wanted: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const w = wanted | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    if (choice[i] === w) out[i] = from[i];
  }
}

/**
 * The text of the input that `choice` names for a row, one of `indexes`: ranges where all texts lie in one byte
 * area, copies otherwise.
 */
export function blendTexts(
  inputs: readonly Column[],
  indexes: readonly number[],
  choice: Int32Array,
  rows: Rows,
  out: Scratch,
): StringColumn {
  const { bytes } = texts(inputs[indexes[0]]);
  const shared = indexes.every((i) => texts(inputs[i]).bytes === bytes);
  const starts = out.starts(rows.rows);
  const ends = out.ends(rows.rows);
  for (const index of indexes) {
    const from = texts(inputs[index]);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      if (choice[i] !== index) continue;
      starts[i] = shared ? from.starts[i] : out.used;
      if (!shared) copyText(from, i, out);
      ends[i] = shared ? from.ends[i] : out.used;
    }
  }
  return { type: 'string', bytes: shared ? bytes : out.bytes, starts, ends, valid: out.valid };
}

function copyText(from: StringColumn, row: number, out: Scratch): void {
  if (out.valid !== null && out.valid[row] === 0) return;
  const start = from.starts[row];
  const end = from.ends[row];
  out.makeRoom(end - start);
  out.append(from.bytes, start, end);
}
