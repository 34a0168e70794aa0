/**
 * The operation behind CASE, if, coalesce and nullif: the value of the first condition that is TRUE.
 * Every branch is computed for every row, which is sound because expressions are total, and the results
 * are blended. Arguments: condition, value, condition, value, ..., otherwise.
 */
import type { Column } from '../stream/column.ts';
import { booleanColumn, flags, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import { countOf } from './operations.ts';
import type { Scratch } from './scratch.ts';
import type { Operation } from './typed.ts';

/** For each row the argument that gives its value, in out.positions. */
function choose(inputs: readonly Column[], rows: Rows, choice: Int32Array): void {
  const last = inputs.length - 1;
  const count = countOf(rows);
  for (let k = 0; k < count; k++) choice[rows.selection === null ? k : rows.selection[k]] = last;
  for (let i = last - 2; i >= 0; i -= 2) {
    const condition = inputs[i];
    const values = flags(condition);
    const { valid } = condition;
    for (let k = 0; k < count; k++) {
      const row = rows.selection === null ? k : rows.selection[k];
      if (values[row] === 1 && (valid === null || valid[row] === 1)) choice[row] = i + 1;
    }
  }
}

function blendValidity(inputs: readonly Column[], rows: Rows, choice: Int32Array, out: Scratch) {
  const valid = out.validity(rows.rows);
  const count = countOf(rows);
  for (let k = 0; k < count; k++) {
    const row = rows.selection === null ? k : rows.selection[k];
    const from = inputs[choice[row]].valid;
    valid[row] = from === null ? 1 : from[row];
  }
  return valid;
}

function blendTexts(inputs: readonly Column[], rows: Rows, choice: Int32Array, out: Scratch) {
  out.used = 0;
  const valid = blendValidity(inputs, rows, choice, out);
  const starts = out.starts(rows.rows);
  const ends = out.ends(rows.rows);
  const count = countOf(rows);
  for (let k = 0; k < count; k++) {
    const row = rows.selection === null ? k : rows.selection[k];
    starts[row] = out.used;
    if (valid[row] === 1) {
      const from = texts(inputs[choice[row]]);
      const [start, end] = [from.starts[row], from.ends[row]];
      if (out.reserve(end - start)) out.append(from.bytes, start, end);
      else valid[row] = 0;
    }
    ends[row] = out.used;
  }
  out.valid = valid;
  return out.textColumn(rows.rows);
}

export const FIRST_TRUE: Operation = {
  name: 'CASE',
  strict: false,
  factory: (_, type) => (inputs, rows, out) => {
    const choice = out.positions(rows.rows);
    choose(inputs, rows, choice);
    if (type.kind === 'string') return blendTexts(inputs, rows, choice, out);
    const valid = blendValidity(inputs, rows, choice, out);
    const count = countOf(rows);
    if (type.kind === 'boolean') {
      const values = out.flags(rows.rows);
      for (let k = 0; k < count; k++) {
        const row = rows.selection === null ? k : rows.selection[k];
        values[row] = flags(inputs[choice[row]])[row];
      }
      return booleanColumn(values, valid);
    }
    const values = out.numbers(rows.rows);
    for (let k = 0; k < count; k++) {
      const row = rows.selection === null ? k : rows.selection[k];
      values[row] = numbers(inputs[choice[row]])[row];
    }
    return numberColumn(type, values, valid);
  },
};
