/**
 * Lookups through the whole engine against joins of DuckDB: random records and tables with NULL keys, loaded anew
 * in the middle, records cut into chunks anywhere; and the words and findings of one.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { validateText } from '../../src/rules/validate.ts';
import { readAloud } from '../../src/topology/read-aloud.ts';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { OneLaneRun, replayed } from '../tools/one-lane-run.ts';

const TABLE_TYPES = 'tk: string, tn: long, label: string, weight: double, open: boolean';

function flow(kind: string, key: string, tableKey: string, rest = '', from = 'in'): string {
  return `version: 1
name: test
http: false
vehicles:
  v:
    lanes:
      in: { listen: 0, fields: { id: long, k: string, n: long } }
operators:
  some: { type: filter, from: in, where: id % 7 != 3 }
  found:
    type: lookup
    from: ${from}
    kind: ${kind}
    key: ${key}
    table: { file: rows.ndjson, fields: { ${TABLE_TYPES} }, key: ${tableKey} }
${rest}
exits:
  out: { from: found, for: v }
`;
}

interface Row {
  readonly k: string | null;
  readonly n: number | null;
}

type TableRow = {
  readonly tk: string | null;
  readonly tn: number | null;
  readonly label: string | null;
  readonly weight: number | null;
  readonly open: boolean | null;
};

const text = fc.constantFrom(
  null,
  'a',
  'b',
  'ü',
  '',
  'a longer one that is not kept in place',
  'z',
);
const number = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -4, max: 4 }),
  fc.constant(2 ** 53 - 1),
);
const tableRow: fc.Arbitrary<TableRow> = fc.record({
  tk: text,
  tn: number,
  label: fc.constantFrom(null, '', 'x', 'größer'),
  weight: fc.constantFrom(null, 0.5, -2, 1e9),
  open: fc.constantFrom(null, true, false),
});
/** Records, and what the table has when they come. */
const stretches = fc.array(
  fc.record({
    table: fc.array(tableRow, { maxLength: 30 }),
    rows: fc.array(fc.record({ k: text, n: number }), { maxLength: 25 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });

function linesOf(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Keeps the first row of each key, as a table has it, and no row without one. */
function distinct(rows: readonly TableRow[], keys: readonly (keyof TableRow)[]): TableRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const values = keys.map((key) => row[key]);
    const name = JSON.stringify(values);
    if (values.includes(null) || seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function load(run: OneLaneRun, content: string): void {
  const bytes = Buffer.from(content);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const [table] = run.engine.tables.keys();
  run.entry({ kind: 'lookup', table, hash, size: bytes.length, offset: 0, bytes });
}

describe('lookups against DuckDB', () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await Oracle.open();
  });
  afterAll(() => oracle.close());

  test.each<[string, string, string, readonly (keyof TableRow)[], string]>([
    ['left', 'k', 'tk', ['tk'], 'k = tk'],
    ['inner', 'k', 'tk', ['tk'], 'k = tk'],
    ['left', 'n', 'tn', ['tn'], 'n = tn'],
    ['inner', 'n', 'tn', ['tn'], 'n = tn'],
    ['left', '[n, k]', '[tn, tk]', ['tn', 'tk'], 'n = tn AND k = tk'],
    ['inner', '[k, n]', '[tk, tn]', ['tk', 'tn'], 'n = tn AND k = tk'],
  ])('%s by %s', async (kind, key, tableKey, keys, condition) => {
    const columns = { version: 'BIGINT', id: 'BIGINT', k: 'VARCHAR', n: 'BIGINT' };
    const tableColumns = {
      version: 'BIGINT',
      tk: 'VARCHAR',
      tn: 'BIGINT',
      label: 'VARCHAR',
      weight: 'DOUBLE',
      open: 'BOOLEAN',
    };
    const added = ['tk', 'tn', 'label', 'weight', 'open'].filter(
      (name) => !keys.some((other) => other === name),
    );
    const sql = `SELECT id, k, n, ${added.join(', ')} FROM records r ${kind} JOIN tables t
      ON r.version = t.version AND ${condition} WHERE id % 7 != 3`;
    const flowText = flow(kind, key, tableKey, '', 'some');
    await fc.assert(
      fc.asyncProperty(stretches, cuts, async (all, where) => {
        const run = new OneLaneRun(flowText);
        const records: { version: number; id: number; k: string | null; n: number | null }[] = [];
        const tables: (TableRow & { version: number })[] = [];
        let id = 0;
        all.forEach(({ table, rows }, version) => {
          const own = distinct(table, keys);
          tables.push(...own.map((row) => ({ ...row, version })));
          load(run, linesOf(own));
          if (version === 0) run.open();
          const mine = rows.map((row: Row) => ({ id: id++, ...row }));
          records.push(...mine.map((row) => ({ ...row, version })));
          const lines = Buffer.from(linesOf(mine));
          for (let from = 0, i = 0; from < lines.length; i++) {
            const to = Math.min(lines.length, from + where[i % where.length]);
            run.chunk(lines.subarray(from, to));
            // Another exit comes and goes: the graph is made anew, and the table stays.
            if (i % 5 === 4) run.entry({ kind: 'commit' });
            from = to;
          }
        });
        run.close();
        await oracle.table('records', columns, records);
        await oracle.table('tables', tableColumns, tables);
        const found = run.messages.map(({ body }) => body);
        expect(multiset(found)).toEqual(multiset(await oracle.rows(sql)));
        // Whatever is passed on keeps its order.
        const order = found.map((body) => Number(body['id']));
        expect(order).toEqual([...order].sort((a, b) => a - b));
        expect(run.engine.account().gaps).toEqual([]);
        expect(replayed(flowText, run.log)).toEqual(run.bytes);
      }),
      { numRuns: share(25) },
    );
  });
});

describe('a lookup', () => {
  test('counts records without a row as filtered, or sends them elsewhere', () => {
    const rest = '    unmatched_to: nowhere';
    for (const unmatched of [false, true]) {
      const flowText = flow('inner', 'n', 'tn', unmatched ? rest : '');
      const run = new OneLaneRun(
        unmatched
          ? flowText.replace('exits:', 'exits:\n  no: { from: nowhere, for: v }')
          : flowText,
      );
      load(run, '{"tn":1,"label":"one"}\n');
      run.open();
      run.chunk('{"id":1,"n":1}\n{"id":2,"n":2}\n{"id":3}\n');
      run.close();
      const { operators, exits, gaps } = run.engine.account();
      const found = operators.find(({ name }) => name === 'found');
      expect(found).toMatchObject({ received: 3, filtered: unmatched ? 0 : 2 });
      expect(exits.map(({ name, numbered }) => [name, numbered])).toEqual(
        unmatched
          ? [
              ['no', 2],
              ['out', 1],
            ]
          : [['out', 1]],
      );
      expect(gaps).toEqual([]);
    }
  });

  test('passes time, windows and lateness on, so that what reads it goes by them', () => {
    const run = new OneLaneRun(`version: 1
name: test
http: false
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: at
operators:
  found: { type: lookup, from: in, key: n, kind: left, table: { file: t.ndjson, fields: { n: long, label: string }, key: n } }
  per: { type: aggregate, from: found, window: { tumble: 1s }, group_by: label, fields: { c: count(*) }, late_to: behind }
exits:
  per: { from: per, for: v }
  behind: { from: behind, for: v, fields: { n: n, label: label, by: _late_by } }
`);
    load(run, '{"n":1,"label":"one"}\n{"n":2,"label":"two"}\n');
    run.open();
    run.chunk('{"n":1,"at":1000}\n{"n":3,"at":1500}\n{"n":2,"at":2500}\n{"n":2,"at":1999}\n');
    run.close();
    expect(run.messages.map(({ body }) => body)).toEqual([{ n: 2, label: 'two', by: 501_000 }]);
    const account = run.engine.account();
    expect(account.exits.map(({ name, numbered }) => [name, numbered])).toEqual([
      ['behind', 1],
      ['per', 3],
    ]);
    expect(account.gaps).toEqual([]);
  });

  test('says what it does', () => {
    const { topology, plan } = validateText(
      flow('inner', '[k, n]', '[tk, tn]', '    unmatched_to: nowhere'),
      'test.yaml',
    );
    if (topology === undefined || plan === undefined) throw new Error('it is valid');
    const [{ paragraphs }] = readAloud(topology, plan, 'found');
    const said = new Map(paragraphs.map(({ label, sentences }) => [label, sentences]));
    expect(said.get('does')).toEqual([
      'Adds label, weight and open to a record of in, of the row of rows.ndjson that has its k and n as tk and tn.',
      'The others leave on nowhere.',
      'rows.ndjson is followed: once it is saved, records that come then meet its new rows.',
    ]);
    expect(said.get('keeps')).toEqual(['Keeps the rows of rows.ndjson, and nothing of records.']);
    expect(said.get('gives')?.[0]).toBe(
      'found: id long, k string, n long, label string, weight double, open boolean.',
    );
  });

  test('does not read fields that nobody reads behind it', () => {
    const { plan } = validateText(
      flow('left', 'n', 'tn').replace('for: v }', 'for: v, fields: [label] }'),
      'test.yaml',
    );
    const codec = plan?.lanes[0].codec;
    const used = codec?.kind === 'ndjson' ? codec.fields.filter((field) => field.used) : [];
    expect(used.map(({ name }) => name)).toEqual(['id', 'n']);
  });
});
