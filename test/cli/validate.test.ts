/** What `validate` prints, and how it ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { validate } from '../../src/cli/validate.ts';

const GOOD =
  'version: 1\nname: good\nvehicles:\n  v:\n    lanes:\n      l: { listen: 7001, codec: text }\n' +
  'exits:\n  e: { from: l, for: v }\n';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'validate-'));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'deep'));
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'none'));
  write('good.yaml', GOOD);
  write('deep/bad.yml', GOOD.replace('from: l', 'from: k'));
  write('node_modules/other.yaml', GOOD.replace('from: l', 'from: k'));
  write('compose.yaml', 'version: "3"\nservices: {}\n');
  write('notes.txt', 'version: 1\nvehicles: {}\n');
  write('none/list.yaml', '- 1\n');
  write('torn.yaml', 'version: 1\nname: [\n');
  write('named.yaml', '# yaml-language-server: $schema=./topology.schema.json\nname: x\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(paths: string[], format: 'human' | 'json' = 'human', input = '') {
  const printed = { out: '', err: '' };
  const into = (stream: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _, done) {
        printed[stream] += String(chunk);
        done();
      },
    });
  const streams = { out: into('out'), err: into('err'), input: Readable.from([input]) };
  const code = await validate(paths, { format }, streams);
  return { code, ...printed };
}

describe('validate', () => {
  test('a file without mistakes ends with 0', async () => {
    const { code, out, err } = await run([join(folder, 'good.yaml')]);
    expect(code).toBe(0);
    expect(out).toMatch(/^0 errors, 0 warnings in 1 file \(\d+ ms\)\n$/);
    expect(err).toBe('');
  });

  test('a mistake is shown with its place and ends with 1', async () => {
    const file = join(folder, 'deep/bad.yml');
    const { code, out } = await run([file]);
    expect(code).toBe(1);
    expect(out).toContain(`${file}:8:14`);
    expect(out).toContain('no lane or operator is called "k"');
    expect(out).toContain('1 error, 0 warnings in 1 file');
  });

  test('in a folder only topologies are taken, others are counted', async () => {
    const { code, out, err } = await run([folder], 'json');
    expect(code).toBe(1);
    const rows = out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(rows[0]).toEqual({ roundabout: 1, kind: 'findings' });
    expect(rows.at(-1)).toMatchObject({ kind: 'summary', files: 4 });
    const files = new Set(rows.flatMap(({ file }) => (file === undefined ? [] : [file])));
    expect([...files].sort()).toEqual(
      ['deep/bad.yml', 'named.yaml', 'torn.yaml'].map((name) => join(folder, name)),
    );
    expect(err).toBe('2 YAML files are no topology and skipped\n');
  });

  test('a file that is named is judged whatever it looks like', async () => {
    const { code, out } = await run([join(folder, 'notes.txt')], 'json');
    expect(code).toBe(1);
    expect(out).toContain('missing-field');
  });

  test('what cannot be opened ends with 2, and the rest is judged all the same', async () => {
    const { code, out, err } = await run([join(folder, 'nothing.yaml'), join(folder, 'good.yaml')]);
    expect(code).toBe(2);
    expect(out).toContain('in 1 file');
    expect(err).toContain('there is no ');
  });

  test('a folder without a topology ends with 2', async () => {
    const { code, out, err } = await run([join(folder, 'none')]);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('no topology in');
  });

  test('standard input is a file too', async () => {
    expect((await run(['-'], 'human', GOOD)).code).toBe(0);
    const { code, out } = await run(['-'], 'json', GOOD.replace('version: 1', 'version: 2'));
    expect(code).toBe(1);
    expect(JSON.parse(out.split('\n')[1])).toMatchObject({
      rule: 'unsupported-version',
      file: '<stdin>',
      line: 1,
      column: 10,
    });
  });

  test('warnings and notes alone end with 0', async () => {
    const { code, out } = await run(['-'], 'human', GOOD.replace(', for: v', ''));
    expect(code).toBe(0);
    expect(out).toContain('exit-without-vehicle');
  });
});
