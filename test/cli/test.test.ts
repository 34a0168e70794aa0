/** `roundabout test` as a person calls it: what it prints, what it writes, and how it ends. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type TestOptions, testFiles } from '../../src/cli/test.ts';
import { FLOW, sale, withSteps } from '../testing/world.ts';
import { Product } from '../tools/product.ts';
import { memoryStreams } from '../tools/streams.ts';

const FEED = `feed: { sales: [${sale(1, 'a', '00:01', 2)}, ${sale(2, 'b', '00:02', 12.5)}] }`;
const GOOD = withSteps([FEED, 'advance: 1h', 'expect: { all: [{ id: 1 }, { id: 2 }] }']);
const BAD = withSteps([FEED, 'expect: { all: [{ id: 1, shop: a }, { id: 2, paid: 12 }] }']);
const PLAIN: TestOptions = {
  filter: undefined,
  record: false,
  coverage: false,
  bail: false,
  format: 'human',
};

let folder: string;
const files = {} as Record<'good' | 'bad' | 'broken' | 'none', string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-tests-'));
  const texts = {
    good: GOOD,
    bad: BAD,
    broken: GOOD.replace('from: sales\n', 'from: sale\n'),
    none: FLOW,
  };
  for (const name of ['good', 'bad', 'broken', 'none'] as const) {
    files[name] = join(folder, `${name}.yaml`);
    writeFileSync(files[name], texts[name]);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(paths: string[], options: Partial<TestOptions> = {}, input = '') {
  const streams = memoryStreams(input);
  const code = await testFiles(paths, { ...PLAIN, ...options }, streams);
  return { code, ...streams.printed };
}

describe('for a person', () => {
  test('what passes is a sum, with the time that passed in it', async () => {
    const { code, out } = await run([files.good]);
    expect(out).toMatch(/^1 passed, 0 failed in \d+ ms \(1h of virtual time\)\n$/);
    expect(code).toBe(0);
  });

  test('what fails is shown with its place, the step, and records side by side', async () => {
    const { code, out } = await run([files.bad]);
    expect(code).toBe(1);
    const [head, ...lines] = out.split('\n');
    expect(head).toMatch(/^✗ a test {2,}.*bad\.yaml:23$/);
    expect(lines.slice(0, -2)).toEqual([
      '  step 2, line 26, expect all: 1 of 2 differs',
      '        id   shop   paid',
      '    =   1    a      2',
      '    -   2           12     expected, did not come',
      '    +   2    b      12.5   came in step 1, line 25',
    ]);
    expect(lines.at(-2)).toMatch(/^0 passed, 1 failed in /);
  });

  test('edges that no record has taken are named', async () => {
    const { out } = await run([files.good], { coverage: true });
    expect(out).toContain('0 failed');
    const none = withSteps(['expect: { all: [] }']);
    const covered = await run(['-'], { coverage: true }, none);
    expect(covered.out).toContain(
      'Not covered: sales -> per_shop, sales -> all, per_shop -> shops\n',
    );
  });

  test('a file with errors fails with what is wrong in it', async () => {
    const { code, out } = await run([files.broken]);
    expect(code).toBe(1);
    expect(out).toContain('dangling-reference');
    expect(out).toContain('0 passed, 0 failed');
  });
});

describe('choices', () => {
  test('--filter takes tests by name, and none is an error of use', async () => {
    expect((await run([files.bad, files.good], { filter: /^a t/u })).code).toBe(1);
    const { code, err } = await run([files.bad], { filter: /nothing/u });
    expect(code).toBe(2);
    expect(err).toContain('no test that matches /nothing/u');
    expect((await run([files.none])).code).toBe(2);
  });

  test('--bail ends at the first test that fails', async () => {
    const all = await run([files.bad, files.good]);
    expect(all.out).toContain('1 passed, 1 failed');
    expect((await run([files.bad, files.good], { bail: true })).out).toContain(
      '0 passed, 1 failed',
    );
  });

  test('--record fills in what is empty, keeps the rest, and passes from then on', async () => {
    const file = join(folder, 'record.yaml');
    const text = withSteps([FEED, 'expect: { all: , held: { all: 2 } } # both']);
    writeFileSync(file, `\ufeff${text}`);
    const plain = await run([file]);
    expect(plain.code).toBe(1);
    expect(plain.out).toContain('--record fills it in');
    expect(readFileSync(file, 'utf8')).toBe(`\ufeff${text}`);
    const { code, out } = await run([file], { record: true });
    expect([code, out]).toEqual([0, expect.stringContaining('1 expectation written')]);
    const filled = readFileSync(file, 'utf8');
    expect(filled.startsWith('\ufeffversion: 1\n')).toBe(true);
    expect(filled).toContain('held: { all: 2 } } # both\n');
    expect((await run([file])).code).toBe(0);
    expect((await run([file], { record: true })).out).not.toContain('written');
    expect(readFileSync(file, 'utf8')).toBe(filled);
  });

  test('--record has nowhere to write what it reads from standard input', async () => {
    await expect(run(['-'], { record: true }, GOOD)).rejects.toMatchObject({ slug: 'bad-usage' });
  });

  test('--record never overwrites an expectation that disagrees', async () => {
    const before = readFileSync(files.bad, 'utf8');
    expect((await run([files.bad], { record: true })).code).toBe(1);
    expect(readFileSync(files.bad, 'utf8')).toBe(before);
  });
});

describe('for programs', () => {
  test('JSON: a header, a row a test, a summary', async () => {
    const { code, out } = await run([files.bad, files.good, files.broken], { format: 'json' });
    expect(code).toBe(1);
    const rows = out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(rows.map(({ kind }) => kind)).toEqual(['tests', 'test', 'test', 'finding', 'summary']);
    expect(rows[0]).toEqual({ roundabout: 1, kind: 'tests' });
    expect(rows[1]).toMatchObject({ file: files.bad, line: 23, name: 'a test', passed: false });
    expect(rows[1].failures[0]).toMatchObject({ step: 2, line: 26, what: 'expect all' });
    expect(rows[1].failures[0].records[2]).toMatchObject({
      sign: '+',
      record: { id: 2, shop: 'b', paid: 12.5, at: '2026-01-01T00:00:02.000Z' },
      step: 1,
    });
    expect(rows[2]).toMatchObject({ passed: true, virtual: '1h', failures: [] });
    expect(rows[4]).toEqual({ kind: 'summary', files: 3, passed: 1, failed: 1 });
  });

  test('JUnit: a suite a file, a case a test, what failed inside of it', async () => {
    const odd = withSteps([FEED, 'expect: { all: [] }']).replace('a test', '"<odd> & \\"\\x07"');
    const { out } = await run(['-', files.good, files.broken], { format: 'junit' }, odd);
    expect(out).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(out).toContain('<testsuite name="&lt;stdin&gt;" tests="1" failures="1" errors="0"');
    expect(out).toContain(
      '<testcase name="&lt;odd&gt; &amp; &quot;\ufffd" classname="&lt;stdin&gt;"',
    );
    expect(out).toContain('<failure message="expect all: 2 came where none was expected"');
    expect(out).toContain('type="dangling-reference"');
    // Every element is closed, in order.
    const open: string[] = [];
    for (const [, slash, name, alone] of out.matchAll(/<(\/?)([a-z]+)(?: [^<>]*?)?(\/?)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (alone !== '/') open.push(name);
    }
    expect(open).toEqual([]);
  });
});

test('as a process: exit codes 0, 1 and 2', async () => {
  const call = async (...args: string[]): Promise<number | null> => new Product(args).exited;
  expect(await call('test', files.good)).toBe(0);
  expect(await call('test', files.bad)).toBe(1);
  expect(await call('test', join(folder, 'nowhere.yaml'))).toBe(2);
  expect(await call('test', files.good, '--filter', '(')).toBe(2);
  expect(await call('test', files.good, '--format', 'xml')).toBe(2);
});
