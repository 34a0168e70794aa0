/** `roundabout try` and `roundabout eval` as a person calls them. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { evalExpression } from '../../src/cli/eval.ts';
import { tryFlow } from '../../src/cli/try.ts';
import { FLOW } from '../testing/world.ts';
import { Product } from '../tools/product.ts';
import { memoryStreams } from '../tools/streams.ts';

const LINES = [
  '{"id":1,"shop":"a","paid":2.5,"at":"2026-01-01T00:00:01.5Z"}',
  'nonsense',
  '{"id":2,"shop":"b","paid":1,"at":"2026-01-01T00:01:30Z"}',
  '{"id":3,"shop":"a","at":"2026-01-01T00:00:02Z"}',
].join('\n');

let folder: string;
let flow: string;
let data: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-try-'));
  flow = join(folder, 'flow.yaml');
  data = join(folder, 'sales.ndjson');
  writeFileSync(flow, FLOW);
  writeFileSync(data, LINES);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('try', () => {
  async function run(
    args: string[],
    { limit = 20, format = 'table' as 'table' | 'ndjson', input = '' } = {},
  ) {
    const streams = memoryStreams(input);
    const code = await tryFlow(flow, args, { limit, format }, streams);
    return { code, ...streams.printed };
  }

  test('prints what each exit would get to the end, and lines that are none, with the reason', async () => {
    const { code, out, err } = await run([`sales=${data}`]);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'all  3 records',
      '  id   shop   paid   at',
      '  1    a      2.5    2026-01-01T00:00:01.500Z',
      '  2    b      1      2026-01-01T00:01:30Z',
      '  3    a      null   2026-01-01T00:00:02Z',
      'shops  2 records',
      '  shop   n   paid',
      '  a      1   2.5',
      '  b      1   1',
      '',
    ]);
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/^bad sales line 2: not-json, .*: nonsense$/),
      'sales 3 records, 1 bad, 1 late',
      '',
    ]);
    expect(existsSync(join(folder, '.roundabout'))).toBe(false);
  });

  test('takes standard input, writes NDJSON, and no more than the limit', async () => {
    const { out } = await run(['sales=-'], { limit: 1, format: 'ndjson', input: LINES });
    expect(
      out
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row)),
    ).toEqual([
      { exit: 'all', record: { id: 1, shop: 'a', paid: 2.5, at: '2026-01-01T00:00:01.500Z' } },
      { exit: 'shops', record: { shop: 'a', n: 1, paid: 2.5 } },
    ]);
    expect((await run(['sales=-'], { limit: 1, input: LINES })).out).toContain(
      'and 2 more: --limit 0 prints all',
    );
    expect((await run(['sales=-'], { limit: 0, input: LINES })).out).not.toContain('more');
  });

  test('takes samples of many chunks as one stream of lines', async () => {
    const many = join(folder, 'many.ndjson');
    const one = '{"id":1,"shop":"a","paid":1,"at":"2026-01-01T00:00:01Z"}\n';
    writeFileSync(many, one.repeat(20_000));
    const { out, err } = await run([`sales=${many}`]);
    expect(err).toBe('sales 20,000 records\n');
    expect(out).toContain('  a      20000   20000\n');
  });

  test('says which lane or file there is not', async () => {
    await expect(run([`sale=${data}`])).rejects.toMatchObject({ hint: 'did you mean "sales"?' });
    await expect(run(['sales'])).rejects.toMatchObject({ slug: 'bad-usage' });
    await expect(run([`sales=${data}`, `sales=${data}`])).rejects.toMatchObject({
      slug: 'bad-usage',
    });
    await expect(run([`sales=${folder}/no`])).rejects.toMatchObject({ slug: 'file-unreadable' });
    await expect(run([`sales=${folder}`])).rejects.toMatchObject({ slug: 'file-unreadable' });
  });
});

describe('eval', () => {
  async function run(
    expression: string,
    { record, lane, input = '' }: { record?: string; lane?: string; input?: string } = {},
  ) {
    const streams = memoryStreams(input);
    const topology = lane === undefined ? undefined : flow;
    const code = await evalExpression(expression, { record, topology, lane }, streams);
    return { code, ...streams.printed };
  }

  test.each([
    ['1 + 2 * 3', undefined, '7   long'],
    ["concat('a', NULL)", undefined, 'NULL   string'],
    ['paid * 2', '{"paid": 1.5}', '3   double'],
    ['upper(name)', '{\n"name": "ž\\""}', '"Ž\\""   string'],
    ['tags[1]', '{"tags": ["a", "b"]}', '"b"   string'],
    ['who.name', '{"who": {"name": "x", "n": 1}}', '"x"   string'],
    ['who', '{"who": {"name": "x", "n": 1}}', '{name: "x", n: 1}   struct<name: string, n: long>'],
    ['list', '{"list": [1, 2.5]}', '[1, 2.5]   array<double>'],
    [
      "CAST('2026-01-01 00:00:00.000001' AS TIMESTAMP)",
      undefined,
      '2026-01-01T00:00:00.000001Z   timestamp',
    ],
    ['n > 1', '{"n": null}', undefined],
  ])('%s is %s %s', async (expression, record, printed) => {
    const { code, out } = await run(expression, { ...(record === undefined ? {} : { record }) });
    expect([code, out]).toEqual(printed === undefined ? [1, ''] : [0, `${printed}\n`]);
  });

  test('what is wrong is told with its caret', async () => {
    const { code, out, err } = await run('paid + nam', { record: '{"paid": 1, "name": "x"}' });
    expect([code, out]).toEqual([1, '']);
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/^error unknown-column +<expression>:1:8$/),
      '  1 │ paid + nam',
      '    │        ^^^ there is no field "nam" here',
      '  help: did you mean "name"?',
      '',
    ]);
  });

  test('on what a lane brings: a value a record, and which lines are none', async () => {
    const { code, out, err } = await run('paid > 1', { lane: 'sales', input: LINES });
    expect(code).toBe(1);
    expect(out).toBe('true\nfalse\nNULL\n');
    expect(err).toMatch(/^bad line 2: not-json, .*\n3 values of type boolean, 1 bad lines\n$/);
    const time = await run('_time', { lane: 'sales', input: LINES.split('\n')[0] });
    expect([time.code, time.out]).toEqual([0, '2026-01-01T00:00:01.500Z\n']);
    const one = await run('sales.paid', { lane: 'sales', record: '{"paid": 3}' });
    expect(one.out).toBe('3   double\n');
  });

  test('says what it needs', async () => {
    await expect(run('1', { record: '[1]' })).rejects.toMatchObject({ slug: 'bad-usage' });
    await expect(run('1', { record: '{' })).rejects.toMatchObject({ slug: 'bad-usage' });
    await expect(run('1', { record: '{"a": [1, "x"]}' })).rejects.toMatchObject({
      slug: 'bad-usage',
    });
    await expect(run('1', { lane: 'sale' })).rejects.toMatchObject({
      hint: 'did you mean "sales"?',
    });
  });
});

test('as processes', async () => {
  const constant = new Product(['eval', '1 + 1']);
  expect(await constant.exited).toBe(0);
  expect(constant.stdout).toBe('2   long\n');
  const tried = new Product(['try', flow, `sales=${data}`, '--format', 'ndjson', '--limit', '1']);
  expect(await tried.exited).toBe(0);
  expect(tried.stdout.split('\n')).toHaveLength(3);
  expect(await new Product(['try', flow, 'sales=nowhere']).exited).toBe(2);
  expect(await new Product(['eval', '1 +']).exited).toBe(1);
});
