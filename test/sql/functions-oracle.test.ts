/** Every function against DuckDB, row by row, in the spellings of the reviewed list. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { functions } from '../../src/sql/functions.ts';
import { compile } from '../../src/sql/program.ts';
import { type DataType, typeText } from '../../src/stream/schema.ts';
import { formatInstant } from '../../src/stream/time.ts';
import { Oracle, type SqlValue } from '../oracle/duckdb.ts';
import { spellings, unlike } from '../oracle/functions.ts';
import {
  batchOf,
  Chance,
  doubleLiteral,
  expressionOf,
  literal as printed,
  randomRows,
  SCHEMA,
  type Value,
  valueAt,
} from './table.ts';

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  long: 'BIGINT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
};
const FIELDS = SCHEMA.fields.filter(({ type }) => type.kind !== 'struct');
const ROWS = [
  ...randomRows(120, true, new Chance(20_260_103)),
  ...randomRows(80, false, new Chance(20_260_104)),
];
const BATCH = batchOf(ROWS);

function columnType(type: DataType): string {
  return type.kind === 'array' ? `${TYPES[type.element.kind]}[]` : TYPES[type.kind];
}

function literal(value: Value, type: DataType): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value) && type.kind === 'array') {
    return `[${value.map((one) => literal(one, type.element)).join(', ')}]::${columnType(type)}`;
  }
  if (type.kind === 'timestamp') return `make_timestamp(${value})`;
  if (typeof value === 'boolean') return String(value);
  if (Object.is(value, -0)) return "'-0.0'::DOUBLE";
  return `'${String(value).replaceAll("'", "''")}'::${TYPES[type.kind]}`;
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
  const columns = FIELDS.map(({ name, type }) => `${name} ${columnType(type)}`);
  await oracle.rows(`CREATE TABLE records (row INTEGER, ${columns.join(', ')})`);
  const rows = ROWS.map((row, at) => {
    const values = FIELDS.map(({ name, type }) => literal(row[name as keyof typeof row], type));
    return `(${at}, ${values.join(', ')})`;
  });
  await oracle.rows(`INSERT INTO records VALUES ${rows.join(', ')}`);
});
afterAll(() => oracle.close());

/** A result as a value that JavaScript holds exactly. */
function readable(sql: string, type: DataType): string {
  if (type.kind === 'timestamp') return `epoch_us(${sql})`;
  return type.kind === 'array' || type.kind === 'struct' ? `to_json(${sql})::VARCHAR` : sql;
}

/** A value with the names of its fields, which are numbers in those of a column. */
function named(value: Value, type: DataType): unknown {
  if (Array.isArray(value) && type.kind === 'array')
    return value.map((one) => named(one, type.element));
  if (type.kind !== 'struct' || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    type.fields.map((field, i) => [
      field.name,
      named((value as { [name: string]: Value })[i], field.type),
    ]),
  );
}

function agrees(mine: Value, theirs: SqlValue, type: DataType): boolean {
  if (mine === null || theirs === null) return mine === theirs;
  if (type.kind === 'array' || type.kind === 'struct')
    return isDeepStrictEqual(named(mine, type), JSON.parse(String(theirs)));
  if (Object.is(mine, theirs) || mine === theirs) return true;
  if (type.kind !== 'double') return false;
  return Math.abs(Number(mine) - Number(theirs)) <= 1e-12 * Math.abs(Number(mine));
}

test('every function has its spelling in DuckDB, or a reason to have none', () => {
  const listed = [...Object.keys(spellings), ...Object.keys(unlike)].sort();
  expect(listed).toEqual([...functions.keys()].sort());
});

const CASES = Object.values(spellings)
  .flat()
  .map((spelling) => [spelling.ours, spelling] as const);

test.each(CASES)('%s', async (ours, { theirs = ours, only }) => {
  const expression = expressionOf(ours);
  const column = compile(expression).evaluate(BATCH);
  const where = only === undefined ? '' : `WHERE ${only[0]}`;
  const sql = `SELECT row, ${readable(theirs, expression.type)} AS value FROM records ${where} ORDER BY row`;
  const rows = await oracle.rows(sql);
  expect(rows.length).toBeGreaterThan(10);
  const wrong = rows.filter(
    ({ row, value }) => !agrees(valueAt(column, Number(row)), value, expression.type),
  );
  const told = wrong.slice(0, 3).map(({ row, value }) => ({
    record: JSON.stringify(ROWS[Number(row)]),
    type: typeText(expression.type),
    ours: valueAt(column, Number(row)),
    theirs: value,
  }));
  expect(told).toEqual([]);
});

/** The expression over the values of a row, as constants of its text. */
function overConstants(text: string, row: (typeof ROWS)[number]): string {
  const outside = text.split(/('(?:[^']|'')*')/);
  return outside
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part.replace(/\b[bclmndesutv]\b/g, (name) => {
            const field = FIELDS.find((one) => one.name === name);
            return `(${constantOf(row[name as keyof typeof row], field?.type.kind)})`;
          }),
    )
    .join('');
}

function constantOf(value: Value, kind: string | undefined): string {
  if (value === null) return `CAST(NULL AS ${kind})`;
  if (kind === 'timestamp') return `TIMESTAMP '${formatInstant(Number(value))}'`;
  return typeof value === 'number' && kind === 'double' ? doubleLiteral(value) : printed(value);
}

test.each(CASES.filter(([ours]) => !/\b(xs|ns)\b/.test(ours)))(
  '%s gives the same with constants',
  (ours) => {
    const column = compile(expressionOf(ours)).evaluate(BATCH);
    for (const at of [0, 3, 7, 12, 130, 140]) {
      const text = overConstants(ours, ROWS[at]);
      const alone = compile(expressionOf(text)).evaluate(BATCH);
      expect([text, valueAt(alone, 0)]).toEqual([text, valueAt(column, at)]);
    }
  },
);
