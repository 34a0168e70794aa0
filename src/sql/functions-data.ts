/** Functions of arrays and of time, and those that choose between values. */
import { BOOLEAN, type DataType, LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import { MICROS_PER_MS, type Micros } from '../stream/time.ts';
import {
  type Arg,
  apply,
  common,
  convert,
  type FunctionDefinition,
  isMisfit,
  type Misfit,
  misfit,
  operation,
  simple,
} from './function.ts';
import { findBytes } from './functions-text.ts';
import { arrays, numberColumn, numbers, texts } from './kernel.ts';
import { countOf, EQUAL, IS_NOT_NULL } from './operations.ts';
import { FIRST_TRUE } from './select-value.ts';
import { constant, type TypedNode } from './typed.ts';

const TEXTS: DataType = { kind: 'array', element: STRING };

/** Characters that mean something in a pattern; a text without them means itself. */
const SPECIAL = /[\\^$.|?*+()[\]{}]/;

const SPLIT = operation('split', (args) => ([a], rows, out) => {
  const pattern = args[1].value;
  const separator = Buffer.from(typeof pattern === 'string' ? pattern : '', 'utf8');
  const source = texts(a);
  const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
  const parts = out.part(0);
  let count = 0;
  for (let k = 0; k < countOf(rows); k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    starts[i] = count;
    lengths[i] = 0;
    if (out.valid !== null && out.valid[i] === 0) continue;
    let from = source.starts[i];
    const end = source.ends[i];
    for (;;) {
      const at = findBytes(source.bytes, from, end, separator, 0, separator.length);
      parts.pushRange(count++, from, at < 0 ? end : at);
      if (at < 0) break;
      from = at + separator.length;
    }
    lengths[i] = count - starts[i];
  }
  const element = {
    type: 'string' as const,
    bytes: source.bytes,
    starts: parts.starts(count),
    ends: parts.ends(count),
    valid: null,
  };
  return { type: 'array', starts, lengths, element, valid: out.valid };
});

const split: FunctionDefinition = {
  name: 'split',
  doc: 'The parts of a text, cut at a literal that has no special characters of patterns.',
  example: "split('a b', ' ')",
  minArgs: 2,
  maxArgs: 2,
  build([text, pattern]): TypedNode | Misfit {
    const source = convert(text, STRING);
    if (source === undefined) return misfit('split', 0, STRING, text.type);
    const { node } = pattern;
    if (node?.kind !== 'constant' || typeof node.value !== 'string') {
      const message = 'where split cuts must be written out as a text';
      return { argument: 1, rule: 'not-constant', message };
    }
    if (node.value === '' || SPECIAL.test(node.value)) {
      const message =
        'split cuts at a literal text as yet: no empty text, none of \\ ^ $ . | ? * + ( ) [ ] { }';
      return { argument: 1, rule: 'pattern-not-supported', message };
    }
    return apply(SPLIT, TEXTS, [source, node]);
  },
};

const SIZE = operation('size', () => ([a], rows, out) => {
  const { lengths } = arrays(a);
  const values = out.numbers(rows.rows);
  for (let k = 0; k < countOf(rows); k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    values[i] = lengths[i];
  }
  return numberColumn(LONG, values, out.valid);
});

const size: FunctionDefinition = {
  name: 'size',
  doc: 'How many elements an array has.',
  example: "size(split('a b', ' '))",
  minArgs: 1,
  maxArgs: 1,
  build([arg]) {
    if (arg.node === undefined) return constant(LONG, null);
    if (arg.type.kind !== 'array') return misfit('size', 0, TEXTS, arg.type);
    return apply(SIZE, LONG, [arg.node]);
  },
};

const hour = simple(
  {
    name: 'hour',
    doc: 'The hour of a time, 0 to 23, in UTC.',
    example: "hour(TIMESTAMP '2026-01-01T15:00:00Z')",
    params: [TIMESTAMP],
    result: LONG,
  },
  () =>
    ([a], rows, out) => {
      const from = numbers(a);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const hours = Math.floor(from[i] / 3_600_000_000);
        values[i] = hours - 24 * Math.floor(hours / 24);
      }
      return numberColumn(LONG, values, out.valid);
    },
);

/** Units of fixed length; a week begins on Monday, and 1970-01-01 was a Thursday. */
const FIXED_UNITS: ReadonlyMap<string, readonly [length: number, shift: number]> = new Map([
  ['microsecond', [1, 0]],
  ['millisecond', [1000, 0]],
  ['second', [1_000_000, 0]],
  ['minute', [60_000_000, 0]],
  ['hour', [3_600_000_000, 0]],
  ['day', [86_400_000_000, 0]],
  ['week', [604_800_000_000, -3 * 86_400_000_000]],
]);
const CALENDAR_UNITS: ReadonlyMap<string, number> = new Map([
  ['month', 1],
  ['quarter', 3],
  ['year', 12],
]);

/** The start of the unit that a time lies in, UTC. */
export function truncateTime(at: Micros, unit: string): Micros {
  const fixed = FIXED_UNITS.get(unit);
  if (fixed !== undefined) return Math.floor((at - fixed[1]) / fixed[0]) * fixed[0] + fixed[1];
  const months = CALENDAR_UNITS.get(unit) ?? 1;
  const date = new Date(Math.floor(at / MICROS_PER_MS));
  const month = Math.floor(date.getUTCMonth() / months) * months;
  return Date.UTC(date.getUTCFullYear(), month, 1) * MICROS_PER_MS;
}

const DATE_TRUNC = operation('date_trunc', (args) => ([, b], rows, out) => {
  const unit = String(args[0].value).toLowerCase();
  const from = numbers(b);
  const values = out.numbers(rows.rows);
  for (let k = 0; k < countOf(rows); k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    values[i] = truncateTime(from[i], unit);
  }
  return numberColumn(TIMESTAMP, values, out.valid);
});

const dateTrunc: FunctionDefinition = {
  name: 'date_trunc',
  doc: 'The start of the year, quarter, month, week, day, hour, minute or second a time lies in, UTC.',
  example: "date_trunc('hour', TIMESTAMP '2026-01-01T15:30:00Z')",
  minArgs: 2,
  maxArgs: 2,
  build([unit, time]): TypedNode | Misfit {
    const { node } = unit;
    const name = node?.kind === 'constant' ? String(node.value).toLowerCase() : undefined;
    if (node === undefined || name === undefined) {
      const message = 'the unit of date_trunc must be written out as a text';
      return { argument: 0, rule: 'not-constant', message };
    }
    if (!FIXED_UNITS.has(name) && !CALENDAR_UNITS.has(name)) {
      const units = [...FIXED_UNITS.keys(), ...CALENDAR_UNITS.keys()].join(', ');
      return { argument: 0, message: `date_trunc knows no unit "${name}"; it knows ${units}` };
    }
    const at = convert(time, TIMESTAMP);
    if (at === undefined) return misfit('date_trunc', 1, TIMESTAMP, time.type);
    return apply(DATE_TRUNC, TIMESTAMP, [node, at]);
  },
};

/** Conditions and values in turn, then the value where none holds. */
export function firstTrue(
  pairs: readonly (readonly [condition: TypedNode, value: TypedNode])[],
  otherwise: TypedNode,
): TypedNode {
  const nullable = otherwise.nullable || pairs.some(([, value]) => value.nullable);
  return apply(FIRST_TRUE, otherwise.type, [...pairs.flat(), otherwise], nullable);
}

/** The common type of values that are chosen between, and whether they may be. */
function choosable(name: string, args: readonly Arg[]): DataType | Misfit {
  const type = common(name, args);
  if (type === undefined) return { argument: 0, message: `all values of ${name} are NULL` };
  if ('message' in type) return type;
  if (type.kind === 'array' || type.kind === 'struct' || type.kind === 'map') {
    return { argument: 0, message: `${name} chooses between single values, not ${type.kind}s` };
  }
  return type;
}

function converted(arg: Arg, type: DataType): TypedNode {
  return convert(arg, type) ?? constant(type, null);
}

const ifFunction: FunctionDefinition = {
  name: 'if',
  doc: 'The second value where the condition is TRUE, else the third.',
  example: "if(price > 10, 'dear', 'cheap')",
  minArgs: 3,
  maxArgs: 3,
  build([condition, yes, no]) {
    const when = convert(condition, BOOLEAN);
    if (when === undefined) return misfit('if', 0, BOOLEAN, condition.type);
    const type = choosable('if', [yes, no]);
    if ('message' in type) return { ...type, argument: type.argument + 1 };
    return firstTrue([[when, converted(yes, type)]], converted(no, type));
  },
};

const coalesce: FunctionDefinition = {
  name: 'coalesce',
  doc: 'The first value that is not NULL.',
  example: 'coalesce(nickname, name)',
  minArgs: 1,
  maxArgs: 64,
  build(args) {
    const type = choosable('coalesce', args);
    if ('message' in type) return type;
    const values = args.map((arg) => converted(arg, type));
    const last = values[values.length - 1];
    const pairs = values
      .slice(0, -1)
      .map((value) => [apply(IS_NOT_NULL, BOOLEAN, [value], false), value] as const);
    const result = firstTrue(pairs, last);
    return { ...result, nullable: values.every((value) => value.nullable) };
  },
};

const nullif: FunctionDefinition = {
  name: 'nullif',
  doc: 'NULL where both values are equal, else the first.',
  example: "nullif(name, '')",
  minArgs: 2,
  maxArgs: 2,
  build(args) {
    const type = choosable('nullif', args);
    if (isMisfit(type as TypedNode | Misfit)) return type as Misfit;
    const [first, second] = args.map((arg) => converted(arg, type as DataType));
    const equal = apply(EQUAL, BOOLEAN, [first, second]);
    return firstTrue([[equal, constant(type as DataType, null)]], first);
  },
};

export const dataFunctions: readonly FunctionDefinition[] = [
  coalesce,
  ifFunction,
  nullif,
  split,
  size,
  hour,
  dateTrunc,
];
