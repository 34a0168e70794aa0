/**
 * Rows of plain values as batches, expressions over them, and the values an author would compute by hand:
 * what tests of the expression language stand on.
 */
import { isDeepStrictEqual } from 'node:util';
import { analyse } from '../../src/sql/analyse.ts';
import { type Expression, inputScope } from '../../src/sql/expression.ts';
import { compile } from '../../src/sql/program.ts';
import type { Batch } from '../../src/stream/batch.ts';
import type { Column } from '../../src/stream/column.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  LONG,
  type Schema,
  STRING,
  TIMESTAMP,
} from '../../src/stream/schema.ts';

export type Value = boolean | number | string | null | Value[] | { readonly [name: string]: Value };
export type Name =
  | 'b'
  | 'c'
  | 'l'
  | 'm'
  | 'n'
  | 'd'
  | 'e'
  | 's'
  | 'u'
  | 't'
  | 'v'
  | 'xs'
  | 'ns'
  | 'r';
export type Row = Readonly<Record<Name, Value>>;

const field = <N extends string>(name: N, type: DataType, nullable = true) => ({
  name,
  type,
  nullable,
});

/** Two columns of every type, one long without NULL, an array and a struct. */
const FIELDS = [
  field('b', BOOLEAN),
  field('c', BOOLEAN),
  field('l', LONG),
  field('m', LONG),
  field('n', LONG, false),
  field('d', DOUBLE),
  field('e', DOUBLE),
  field('s', STRING),
  field('u', STRING),
  field('t', TIMESTAMP),
  field('v', TIMESTAMP),
  field('xs', { kind: 'array', element: STRING }),
  field('ns', { kind: 'array', element: LONG }),
  field('r', { kind: 'struct', fields: [field('a', LONG), field('in', STRING)] }),
];
export const SCHEMA: Schema = { fields: FIELDS };
export const SCOPE = inputScope('records', SCHEMA);

/** A generator with a seed (mulberry32), so that a failure can be run again. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Less than `below`, not less than 0. */
  whole(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  of<T>(values: readonly T[]): T {
    return values[this.whole(values.length)];
  }
}

export const SAFE = Number.MAX_SAFE_INTEGER;
const P31 = 2 ** 31;
export const LONGS: readonly number[] = [
  ...[0, 1, -1, 2, 3, -3, 7, 10, 123, -123, 1000],
  ...[P31 - 1, P31, P31 + 1, -P31, -P31 - 1, -P31 + 1],
  ...[SAFE, SAFE - 1, -SAFE, -SAFE + 1, 2 ** 52, 94906267],
];
export const DOUBLES: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 2.345, 1.005, 123.456, 0.49999999999999994],
  ...[1e7, 9999999, 1e-3, 1e-4, 1e21, 1e300, -1e300, 5e-324, SAFE, SAFE + 1, 2 ** 63],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];
export const TEXTS: readonly string[] = [
  ...[
    '',
    'a',
    'b',
    'ab',
    'abc',
    'abab',
    ' a ',
    '  ',
    'a,b',
    ',a,,b,',
    'A',
    'ABC',
    '\t a',
    'a\u00a0',
  ],
  ...[
    'é',
    'éa',
    'ÀÉ',
    'ß',
    'ΑΣ',
    'İ',
    'ﬁ',
    '😀',
    'a😀b',
    '\uffff',
    '\u{10000}',
    '日本語',
    'x'.repeat(100),
  ],
];
export const TIMES: readonly number[] = [
  ...[0, 1, -1, 3_600_000_000, -3_600_000_001, 1_767_225_599_999_999, 1_767_225_600_000_000],
  ...[SAFE, -SAFE, 951_782_400_000_000, -2_208_988_800_000_001, 1_709_164_800_000_000],
];

const POOLS: Readonly<Record<string, readonly Value[]>> = {
  boolean: [true, false],
  long: LONGS,
  double: DOUBLES,
  string: TEXTS,
  timestamp: TIMES,
};

function randomValue(type: DataType, nullable: boolean, chance: Chance): Value {
  if (nullable && chance.whole(5) === 0) return null;
  if (type.kind === 'array') {
    return Array.from({ length: chance.whole(4) }, () => randomValue(type.element, true, chance));
  }
  if (type.kind === 'struct') {
    return Object.fromEntries(type.fields.map((f) => [f.name, randomValue(f.type, true, chance)]));
  }
  return chance.of(POOLS[type.kind]);
}

/** @param nulls false: no value is NULL at the top, so columns come without validity */
export function randomRows(count: number, nulls: boolean, chance: Chance): Row[] {
  return Array.from({ length: count }, () => {
    const values = FIELDS.map(({ name, type, nullable }) => [
      name,
      randomValue(type, nulls && nullable, chance),
    ]);
    return Object.fromEntries(values) as Row;
  });
}

function textColumn(values: readonly Value[], valid: Uint8Array | null): Column {
  const parts = values.map((value) => Buffer.from(typeof value === 'string' ? value : '', 'utf8'));
  // Bytes before, between and behind, so that a range that is off by one shows.
  const bytes = new Uint8Array(Buffer.concat(parts.flatMap((part) => [Buffer.from('a,'), part])));
  const starts = new Int32Array(values.length + 3);
  const ends = new Int32Array(values.length + 3);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    starts[i] = at + 2;
    at += 2 + part.length;
    ends[i] = at;
  }
  return { type: 'string', bytes, starts, ends, valid };
}

export function columnOf(type: DataType, values: readonly Value[]): Column {
  const valid = values.includes(null)
    ? Uint8Array.from(values, (value) => (value === null ? 0 : 1))
    : null;
  switch (type.kind) {
    case 'boolean':
      return {
        type: 'boolean',
        values: Uint8Array.from(values, (v) => (v === true ? 1 : 0)),
        valid,
      };
    case 'string':
      return textColumn(values, valid);
    case 'array': {
      const lists = values.map((value) => (Array.isArray(value) ? value : []));
      const lengths = Int32Array.from(lists, (list) => list.length);
      const starts = new Int32Array(lists.length);
      for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
      return {
        type: 'array',
        starts,
        lengths,
        element: columnOf(type.element, lists.flat()),
        valid,
      };
    }
    case 'struct': {
      const children = type.fields.map((f) =>
        columnOf(
          f.type,
          values.map(
            (value) => (value as Readonly<Record<string, Value>> | null)?.[f.name] ?? null,
          ),
        ),
      );
      return { type: 'struct', fields: children, valid };
    }
    case 'map':
      throw new Error('no column of maps');
    default: {
      const numbers = Float64Array.from(values, (v) => (typeof v === 'number' ? v : 0));
      return { type: type.kind, values: numbers, valid };
    }
  }
}

export function batchOf(rows: readonly Row[], selection: Int32Array | null = null): Batch {
  const sequence = Float64Array.from(rows, (_, i) => i + 1);
  return {
    schema: SCHEMA,
    columns: FIELDS.map(({ name, type }) =>
      columnOf(
        type,
        rows.map((row) => row[name]),
      ),
    ),
    rows: rows.length,
    selection,
    selected: selection === null ? rows.length : selection.length,
    eventTime: Float64Array.from(rows, (_, i) => i * 1000),
    sequence,
    late: null,
    lateBy: null,
    ingestTime: 5_000_000,
    windowStart: null,
    windowEnd: null,
  };
}

/** The value of one row of a column. */
export function valueAt(column: Column, row: number): Value {
  if (column.valid !== null && column.valid[row] === 0) return null;
  switch (column.type) {
    case 'boolean':
      return column.values[row] === 1;
    case 'string':
      return Buffer.from(column.bytes.subarray(column.starts[row], column.ends[row])).toString();
    case 'array':
      return Array.from({ length: column.lengths[row] }, (_, i) =>
        valueAt(column.element, column.starts[row] + i),
      );
    case 'struct':
      return Object.fromEntries(column.fields.map((f, i) => [String(i), valueAt(f, row)]));
    default:
      return column.values[row];
  }
}

export function expressionOf(text: string): Expression {
  const { expression, problems } = analyse(text, SCOPE);
  if (expression === undefined) throw new Error(`${text}: ${JSON.stringify(problems)}`);
  return expression;
}

/** A value as an author writes it in an expression. */
export function literal(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return String(value).toUpperCase();
  if (typeof value === 'string') {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\t', '\\t');
    return `'${escaped}'`;
  }
  return String(value);
}

/** A double as an author writes it; NaN and the infinities have no literal. */
export function doubleLiteral(value: number): string {
  if (Number.isNaN(value)) return "CAST('NaN' AS DOUBLE)";
  if (!Number.isFinite(value)) return value > 0 ? '(1e308 * 10)' : '(-1e308 * 10)';
  return Object.is(value, -0) ? '-0D' : `${value}D`;
}

/** Random rows and the positions that are selected, in batches that shrink and grow so that old scratch shows. */
const TABLES = (
  [
    [60, true, false],
    [40, true, true],
    [25, false, false],
    [80, false, true],
    [300, true, true],
    [1, true, false],
    [0, true, false],
  ] as const
).map(([count, nulls, selective], i) => {
  const chance = new Chance(20_260_101 + i);
  const rows = randomRows(count, nulls, chance);
  const positions = rows.map((_, row) => row).filter(() => !selective || chance.whole(3) > 0);
  return { rows, positions, batch: batchOf(rows, selective ? Int32Array.from(positions) : null) };
});

function same(a: Value, b: Value, type: DataType): boolean {
  if (typeof a === 'object' && typeof b === 'object') return isDeepStrictEqual(a, b);
  // For a double -0.0 = 0.0; a long is never -0, which must show.
  return Object.is(a, b) || (type.kind === 'double' && a === b);
}

/**
 * Evaluates an expression over random rows, with and without NULLs, with and without a selection, and
 * compares each selected row with `reference`.
 * @returns the first rows that differ: none when the expression is right
 */
export function differences(text: string, reference: (row: Row) => Value): readonly unknown[] {
  const expression = expressionOf(text);
  const program = compile(expression);
  const wrong: unknown[] = [];
  for (const { rows, positions, batch } of TABLES) {
    const column = program.evaluate(batch);
    for (const row of positions) {
      const got = valueAt(column, row);
      const want = reference(rows[row]);
      const nullability = got !== null || expression.nullable;
      if (!same(got, want, expression.type) || !nullability) {
        wrong.push({ text, row: rows[row], got, want, nullable: expression.nullable });
      }
    }
  }
  return wrong.slice(0, 3);
}
