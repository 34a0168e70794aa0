/** CAST: a value of another type, NULL where it has none. Texts are read and written row by row. */
import { strict as assert } from 'node:assert';
import { BOOLEAN, type DataType, DOUBLE, LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';
import { booleanOf, doubleOf, doubleText, instantText, longOf, timestampOf } from './cast-text.ts';
import {
  booleanColumn,
  flags,
  type Kernel,
  numberColumn,
  numbers,
  type Rows,
  texts,
} from './kernel.ts';
import { clearBeyondSafe } from './kernels-arithmetic.ts';
import { WIDEN } from './operations.ts';
import { decode, type Scratch } from './scratch.ts';
import { apply, type Operation, type TypedNode } from './typed.ts';

/** Every cast has this name: what it reads and what it gives tell them apart. */
function castBy(kernel: Kernel): Operation {
  return { name: 'CAST', strict: true, factory: () => kernel };
}

function isPresent(out: Scratch, row: number): boolean {
  return out.valid === null || out.valid[row] === 1;
}

/** Text to numbers of `type`. */
function textToNumber(type: DataType, parse: (text: string) => number | undefined): Operation {
  return castBy(([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    const values = out.numbers(rows.rows);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const value = isPresent(out, i) ? parse(decode(bytes, starts[i], ends[i])) : undefined;
      values[i] = value ?? 0;
      if (value === undefined) out.ownValidity(rows)[i] = 0;
    }
    return numberColumn(type, values, out.valid);
  });
}

const TEXT_TO_BOOLEAN = castBy(([a], rows, out) => {
  const { bytes, starts, ends } = texts(a);
  const values = out.flags(rows.rows);
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    const value = isPresent(out, i) ? booleanOf(decode(bytes, starts[i], ends[i])) : undefined;
    values[i] = value === true ? 1 : 0;
    if (value === undefined) out.ownValidity(rows)[i] = 0;
  }
  return booleanColumn(values, out.valid);
});

/** Numbers to text. */
function numberToText(print: (value: number) => string): Operation {
  return castBy(([a], rows, out) => {
    const values = numbers(a);
    const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      starts[i] = out.used;
      if (isPresent(out, i)) out.appendText(print(values[i]));
      ends[i] = out.used;
    }
    return out.textColumn(rows.rows);
  });
}

const BOOLEAN_TO_TEXT = castBy(([a], rows, out) => {
  const values = flags(a);
  out.appendText('falsetrue');
  const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    starts[i] = values[i] === 1 ? 5 : 0;
    ends[i] = values[i] === 1 ? 9 : 5;
  }
  return out.textColumn(rows.rows);
});

function booleanToNumber(type: DataType): Operation {
  return castBy(([a], rows, out) => {
    const from = flags(a);
    const values = out.numbers(rows.rows);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      values[i] = from[i];
    }
    return numberColumn(type, values, out.valid);
  });
}

const NUMBER_TO_BOOLEAN = castBy(([a], rows, out) => {
  const from = numbers(a);
  const values = out.flags(rows.rows);
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    values[i] = from[i] === 0 ? 0 : 1;
  }
  return booleanColumn(values, out.valid);
});

/** A double times a factor, cut to a whole number: NULL if that is NaN or beyond a safe integer. */
function cutToWhole(type: DataType, factor: number): Operation {
  return castBy(([a], rows, out) => {
    const values = out.numbers(rows.rows);
    cutNumbers(values, numbers(a), factor, rows);
    clearBeyondSafe(out.ownValidity(rows), values, rows.selection, rows.selected);
    return numberColumn(type, values, out.valid);
  });
}

function cutNumbers(out: Float64Array, from: Float64Array, factor: number, rows: Rows): void {
  const f = +factor;
  const { selection, selected } = rows;
  for (let k = 0; k < selected; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.trunc(from[i] * f) + 0;
  }
}

/** Microseconds to seconds since the epoch, whole ones towards the past. */
function timeToNumber(type: DataType): Operation {
  const whole = type.kind === 'long';
  return castBy(([a], rows, out) => {
    const from = numbers(a);
    const values = out.numbers(rows.rows);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const seconds = from[i] / MICROS_PER_SECOND;
      values[i] = whole ? Math.floor(seconds) : seconds;
    }
    return numberColumn(type, values, out.valid);
  });
}

/** By `from -> to`. */
const CASTS: ReadonlyMap<string, Operation> = new Map([
  ['string -> boolean', TEXT_TO_BOOLEAN],
  ['string -> long', textToNumber(LONG, longOf)],
  ['string -> double', textToNumber(DOUBLE, doubleOf)],
  ['string -> timestamp', textToNumber(TIMESTAMP, timestampOf)],
  ['boolean -> string', BOOLEAN_TO_TEXT],
  ['long -> string', numberToText(String)],
  ['double -> string', numberToText(doubleText)],
  ['timestamp -> string', numberToText(instantText)],
  ['boolean -> long', booleanToNumber(LONG)],
  ['boolean -> double', booleanToNumber(DOUBLE)],
  ['long -> boolean', NUMBER_TO_BOOLEAN],
  ['double -> boolean', NUMBER_TO_BOOLEAN],
  ['long -> double', WIDEN],
  ['double -> long', cutToWhole(LONG, 1)],
  ['long -> timestamp', cutToWhole(TIMESTAMP, MICROS_PER_SECOND)],
  ['double -> timestamp', cutToWhole(TIMESTAMP, MICROS_PER_SECOND)],
  ['timestamp -> long', timeToNumber(LONG)],
  ['timestamp -> double', timeToNumber(DOUBLE)],
]);

/** Casts that have a result for every value. */
const TOTAL: ReadonlySet<string> = new Set([BOOLEAN.kind, STRING.kind, DOUBLE.kind]);

/** `node` as `type`, which `canCast` has allowed. */
export function cast(node: TypedNode, type: DataType): TypedNode {
  const from = node.type.kind;
  if (from === type.kind) return node;
  const operation = CASTS.get(`${from} -> ${type.kind}`);
  assert(operation !== undefined);
  const total =
    from === 'boolean' || from === 'timestamp' || (from !== 'string' && TOTAL.has(type.kind));
  return apply(operation, type, [node], node.nullable || !total);
}
