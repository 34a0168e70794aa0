/** Files as tables: what is a row, what is wrong and in which line, and that rows are found by their keys. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LookupTable } from '../../src/engine/lookup-table.ts';
import { readTable } from '../../src/engine/table-reader.ts';
import { commitTo } from '../../src/runner/commitment.ts';
import type { DataType } from '../../src/stream/schema.ts';
import { BOOLEAN, DOUBLE, LONG, STRING, TIMESTAMP } from '../../src/stream/schema.ts';
import type { TablePlan } from '../../src/topology/plan.ts';
import { columnOf, type Value, valueAt } from '../sql/table.ts';
import { topologyOf } from '../tools/flow-world.ts';

/** The plan of a table, as an author declares it. */
function tableOf(table: string, key = 'id'): TablePlan {
  const topology = topologyOf(`version: 1
name: test
http: false
vehicles: { v: { lanes: { in: { listen: 0, codec: ndjson, fields: { id: long, line: string } } } } }
operators: { found: { type: lookup, from: in, key: ${key}, table: { file: rows, ${table} } } }
exits: { out: { from: found, for: v } }
`);
  const { plan } = commitTo(topology, undefined, (bytes) => new Uint8Array(bytes));
  const { table: found } = plan.stages[0];
  if (found === null) throw new Error('a lookup has a table');
  return found;
}

const USERS = tableOf('fields: { id: long, name: string }, required: [name], key: id');

function problemsOf(plan: TablePlan, content: string | Buffer): string[] {
  const reading = readTable(plan, Buffer.from(content as string), 1);
  return 'problems' in reading ? reading.problems.map((one) => `${one.line} ${one.message}`) : [];
}

function rowsOf(plan: TablePlan, content: string | Buffer): LookupTable {
  const reading = readTable(plan, Buffer.from(content as string), 1);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.rows;
}

function valuesOf(table: LookupTable, column: number): Value[] {
  const all = table.columns()[column];
  return Array.from({ length: table.size }, (_, at) => valueAt(all, at));
}

describe('the file of a table', () => {
  test('may lack the end of its last line, have empty lines, CR LF and a mark at its start', () => {
    const plain = '{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n';
    for (const content of [
      plain,
      plain.slice(0, -1),
      plain.replaceAll('\n', '\r\n'),
      plain.replace('\n', '\n\n  \n'),
      `\ufeff${plain}`,
    ]) {
      expect(valuesOf(rowsOf(USERS, content), 1)).toEqual(['a', 'b']);
    }
    expect(rowsOf(USERS, '').size).toBe(0);
  });

  test('is no table if a line is no row: each is named', () => {
    const content = '{"id":1,"name":"a"}\n{"id":"2","name":"b"}\n\n{"id":3}\n{"name":"d"}\nid';
    expect(problemsOf(USERS, content)).toEqual([
      '2 id: "2" where a value of type long is wanted',
      '4 name is missing or null',
      '5 id is missing or null',
      expect.stringMatching(/^6 /),
    ]);
  });

  test('is no table if two rows have the same key: both lines are named', () => {
    const content =
      '{"id":7,"name":"a"}\n{"id":8,"name":"b"}\n\n{"id":7,"name":"c"}\n{"id":8,"name":"d"}\n';
    expect(problemsOf(USERS, content)).toEqual([
      '4 its key is that of line 1',
      '5 its key is that of line 2',
    ]);
  });

  test('of many lines has the same numbers', () => {
    const lines = Array.from({ length: 30_000 }, (_, id) => `{"id":${id},"name":"number ${id}"}\n`);
    expect(rowsOf(USERS, lines.join('')).size).toBe(30_000);
    lines[29_998] = '{"id":12345,"name":"again"}\n';
    lines[20_000] = '{\n';
    const problems = problemsOf(USERS, lines.join(''));
    expect(problems[0]).toMatch(/^20001 /);
    expect(problems[1]).toBe('29999 its key is that of line 12346');
  });

  test('that is something else is not told line by line to its end', () => {
    expect(problemsOf(USERS, 'no json\n'.repeat(10_000))).toHaveLength(20);
    expect(problemsOf(USERS, `{"id":1,"name":"${'x'.repeat(2_000_000)}"}`)).toEqual([
      '1 it is longer than 1048576 bytes',
    ]);
    expect(problemsOf(USERS, Buffer.alloc(64 * 1024 * 1024 + 1, 0x20))).toEqual([
      '0 it has 67108865 bytes; the limit for a table is 67108864',
    ]);
  });

  test('of texts is a list of keys', () => {
    const words = tableOf('codec: text, key: line', 'line');
    expect(valuesOf(rowsOf(words, 'one\ntwo\n'), 0)).toEqual(['one', 'two']);
    expect(problemsOf(words, 'one\ntwo\none\n')).toEqual(['3 its key is that of line 1']);
  });

  test('of comma-separated values has a header, in its first line that is not empty', () => {
    const plan = tableOf(
      'codec: csv, fields: { id: long, name: { type: string, source: "full name" } }, key: id',
    );
    const content = '\ufeff\r\nfull name,id\r\n"Lovelace, Ada",1\r\n,2\r\n';
    expect(valuesOf(rowsOf(plan, content), 1)).toEqual(['Lovelace, Ada', null]);
    expect(problemsOf(plan, `${content}x,1`)).toEqual(['5 its key is that of line 3']);
    const semicolons = content.replaceAll(',', ';').repeat(50_000);
    expect(problemsOf(plan, semicolons)).toEqual(['2 it names no column that is read, such as id']);
    expect(problemsOf(plan, '')).toEqual(['0 it has no header']);
    expect(problemsOf(plan, '\n')).toEqual(['0 it has no header']);
    expect(rowsOf(plan, 'id,full name\n').size).toBe(0);
    expect(problemsOf(plan, 'full name\nAda\n')).toEqual(['2 the header has no column id']);
  });

  test('has fields from elsewhere in a line, and times by a pattern', () => {
    const plan = tableOf(
      `fields: { id: { type: long, source: [user.id, id] }, since: { type: timestamp, format: "dd.MM.yyyy" } }, key: id`,
    );
    const rows = rowsOf(plan, '{"user":{"id":1},"since":"02.01.1970"}\n{"id":2}\n');
    expect(valuesOf(rows, 0)).toEqual([1, 2]);
    expect(valuesOf(rows, 1)).toEqual([86_400_000_000, null]);
    expect(
      problemsOf(plan, '{"id":1,"since":"02.01.1970"}\n{"id":2,"since":"yesterday"}\n'),
    ).toEqual(['2 since: "yesterday" where a timestamp (dd.MM.yyyy) is wanted']);
  });
});

const KINDS: Readonly<Record<string, { type: DataType; any: fc.Arbitrary<Value> }>> = {
  boolean: { type: BOOLEAN, any: fc.constantFrom<Value>(true, false, null) },
  long: {
    type: LONG,
    any: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger(), fc.constant(null)),
  },
  double: {
    type: DOUBLE,
    any: fc.oneof(
      fc.constantFrom<Value>(0, -0, 0.5, null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  },
  string: { type: STRING, any: fc.option(fc.string({ maxLength: 6 })) },
  timestamp: { type: TIMESTAMP, any: fc.option(fc.integer({ min: 1, max: 50 })) },
};

describe('rows', () => {
  test.each([
    ['long'],
    ['string'],
    ['double'],
    ['boolean'],
    ['timestamp'],
    ['long', 'string'],
    ['boolean', 'double', 'string'],
  ])('are found by %s %s %s, and NULL is no key', (...kinds) => {
    const fields = kinds.map(
      (kind, i) =>
        `f${i}: ${kind === 'timestamp' ? '{ type: timestamp, format: epoch_us }' : kind}`,
    );
    const names = kinds.map((_, i) => `f${i}`);
    const lane = `fields: { id: long, line: string, ${kinds.map((kind, i) => `k${i}: ${kind}`).join(', ')} }`;
    const topology = topologyOf(`version: 1
name: test
http: false
vehicles: { v: { lanes: { in: { listen: 0, ${lane} } } } }
operators: { found: { type: lookup, from: in, key: [${names.map((_, i) => `k${i}`)}], table: { file: rows, fields: { ${fields}, at: long }, key: [${names}] } } }
exits: { out: { from: found, for: v } }
`);
    const { plan } = commitTo(topology, undefined, (bytes) => new Uint8Array(bytes));
    const { table } = plan.stages[0];
    if (table === null) throw new Error('a lookup has a table');
    const keyRow = fc.tuple(...kinds.map((kind) => KINDS[kind].any));
    const nameOf = (row: readonly Value[]): string =>
      JSON.stringify(row.map((one) => (one === 0 ? 0 : one)));
    fc.assert(
      fc.property(
        fc.array(keyRow, { maxLength: 300 }),
        fc.array(keyRow, { maxLength: 60 }),
        (all, other) => {
          const known = new Map<string, number>();
          const rows = all.filter((row) => {
            const isNew = !row.includes(null) && !known.has(nameOf(row));
            if (isNew) known.set(nameOf(row), known.size);
            return isNew;
          });
          const content = rows.map(
            (row, at) =>
              `${JSON.stringify(Object.fromEntries([...row.map((value, i) => [`f${i}`, value]), ['at', at]]))}\n`,
          );
          const found = rowsOf(table, content.join(''));
          const asked = [...other, ...rows].slice(0, 200);
          const keys = kinds.map((kind, i) =>
            columnOf(
              KINDS[kind].type,
              asked.map((row) => row[i]),
            ),
          );
          const at = new Int32Array(Math.max(1, asked.length)).fill(99);
          found.find(keys, null, asked.length, at);
          expect([...at.subarray(0, asked.length)]).toEqual(
            asked.map((row) => known.get(nameOf(row)) ?? -1),
          );
          // Of some rows only: the others are left as they are.
          const some = Int32Array.from(asked.flatMap((_, row) => (row % 3 === 0 ? [row] : [])));
          const part = new Int32Array(Math.max(1, asked.length)).fill(99);
          found.find(keys, some, some.length, part);
          expect([...part.subarray(0, asked.length)]).toEqual(
            [...at.subarray(0, asked.length)].map((one, row) => (row % 3 === 0 ? one : 99)),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
