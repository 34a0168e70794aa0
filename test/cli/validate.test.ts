/** What `validate` prints, and how it ends. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ValidateOptions, validate } from '../../src/cli/validate.ts';
import { Product } from '../tools/product.ts';

const GOOD =
  'version: 1\nname: good\nvehicles:\n  v:\n    lanes:\n      l: { listen: 7001, codec: text }\n' +
  'exits:\n  e: { from: l, for: v }\n' +
  'tests:\n  - { name: t, steps: [{ feed: { l: [a] } }, { expect: { e: [{ line: a }] } }] }\n';

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

async function run(
  paths: string[],
  format = 'human',
  input = '',
  options: Partial<ValidateOptions> = {},
) {
  const printed = { out: '', err: '' };
  const into = (stream: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _, done) {
        printed[stream] += String(chunk);
        done();
      },
    });
  const streams = { out: into('out'), err: into('err'), input: Readable.from([input]) };
  const code = await validate(paths, { format, ...options }, streams);
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

  test('a pattern finds what it matches, in order, each file once', async () => {
    const files = async (...paths: string[]): Promise<string[]> => {
      const { out } = await run(
        paths.map((path) => join(folder, path)),
        'junit',
      );
      return Array.from(out.matchAll(/<testsuite id="\d+" name="([^"]*)"/g), ([, name]) =>
        String(name).slice(folder.length + 1),
      );
    };
    expect(await files('*.yaml')).toEqual(['compose.yaml', 'good.yaml', 'named.yaml', 'torn.yaml']);
    expect(await files('**/*.yml')).toEqual(['deep/bad.yml']);
    expect(await files('{deep,none}/*.y*ml')).toEqual(['deep/bad.yml', 'none/list.yaml']);
    expect(await files('g??d.yaml', 'good.yaml')).toEqual(['good.yaml']);
    // Other people's files are not ours to judge.
    expect(await files('**/other.yaml')).toEqual([]);
  });

  test('a pattern that matches nothing ends with 2', async () => {
    const { code, err } = await run([join(folder, '*.toml')]);
    expect(code).toBe(2);
    expect(err).toContain('nothing matches');
  });

  test('--deny-warnings: a warning fails, a note does not', async () => {
    const warned = GOOD.replace('name: good', 'name: good\ndescription: yes');
    expect((await run(['-'], 'human', warned)).code).toBe(0);
    expect((await run(['-'], 'human', warned, { denyWarnings: true })).code).toBe(1);
    const noted = GOOD.replace(', for: v', '');
    expect((await run(['-'], 'human', noted, { denyWarnings: true })).code).toBe(0);
  });

  test('--rule weighs over what the file says; a rule that stays as it is is bad usage', async () => {
    const noted = `${GOOD.replace(', for: v', '')}lint: { exit-without-vehicle: warning }\n`;
    const level = async (slug: string, to: 'error' | 'ignore'): Promise<number> => {
      return (await run(['-'], 'human', noted, { rule: new Map([[slug, to]]) })).code;
    };
    expect(await level('exit-without-vehicle', 'error')).toBe(1);
    expect(await level('exit-without-vehicle', 'ignore')).toBe(0);
    await expect(level('cycle', 'ignore')).rejects.toMatchObject({
      slug: 'bad-usage',
      exitCode: 2,
    });
    await expect(level('exit-without-vehicl', 'error')).rejects.toMatchObject({
      hint: 'did you mean "exit-without-vehicle"?',
    });
  });

  test('--output: results go to the file, the count to the terminal', async () => {
    const output = join(folder, 'report.sarif');
    const { code, out, err } = await run([join(folder, 'deep/bad.yml')], 'sarif', '', { output });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^1 error, 0 warnings in 1 file/);
    expect(JSON.parse(readFileSync(output, 'utf8')).runs[0].results).toHaveLength(1);
  });

  test('a report that cannot be written is said, and is no defect of ours', async () => {
    const output = join(folder, 'no-such-folder', 'report.json');
    await expect(run(['-'], 'json', GOOD, { output })).rejects.toMatchObject({
      slug: 'file-unwritable',
      exitCode: 2,
      message: expect.stringContaining('cannot be written (ENOENT)'),
    });
  });

  test('--skip-others: a named file that is no topology is passed over, and none is fine', async () => {
    const { code, err } = await run([join(folder, 'compose.yaml')], 'human', '', {
      skipOthers: true,
    });
    expect(code).toBe(0);
    expect(err).toBe('1 YAML file is no topology and skipped\n');
  });

  test('--fix mends the file in its place, says so, and shows what is left', async () => {
    const home = mkdtempSync(join(folder, 'fix-'));
    const file = join(home, 'flow.yaml');
    const link = join(home, 'link.yaml');
    const text = `\ufeff${GOOD.replace(', for: v', '')}description: yes # sure\r\n`;
    writeFileSync(file, text);
    chmodSync(file, 0o666);
    symlinkSync('flow.yaml', link);
    const { code, out, err } = await run([link], 'json', '', { fix: true });
    expect(code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text.replace('yes', '"yes"'));
    expect(statSync(file).mode & 0o777).toBe(0o666);
    expect(readdirSync(home)).toEqual(['flow.yaml', 'link.yaml']);
    expect(err).toMatch(/^fixed yaml-1-1-trap {2}\S+link\.yaml:11:14 {2}readers of YAML 1\.1/);
    expect(out).toContain('exit-without-vehicle');
    expect(out).not.toContain('yaml-1-1-trap');
    expect((await run([link], 'json', '', { fix: true })).err).toBe('');
    await expect(run(['-'], 'json', '', { fix: true })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('the built command: formats, levels and summaries, as a CI server calls it', async () => {
    const bad = join(folder, 'deep/bad.yml');
    const summary = join(folder, 'summary.md');
    const call = async (...args: string[]) => {
      const product = new Product(['validate', ...args], { GITHUB_STEP_SUMMARY: summary });
      return { code: await product.exited, out: product.stdout, err: product.stderr };
    };
    const annotated = await call(bad, '--format', 'github');
    expect(annotated.code).toBe(1);
    expect(annotated.out).toMatch(/^::error file=.*bad\.yml,line=8,col=14,endColumn=14,title=/);
    expect(readFileSync(summary, 'utf8')).toContain('dangling-reference');
    const unknown = await call(bad, '--format', 'xml');
    expect([unknown.code, unknown.out]).toEqual([2, '']);
    expect(unknown.err).toContain('human, json, sarif, github, junit, gcc');
    const refused = await call(bad, '--rule', 'cycle=off');
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining('it is SLUG=LEVEL, a level being ignore, info, warning, error.'),
    ]);
    const twice = ['--rule', 'exit-without-vehicle=ignore', '--rule', 'unused-element=error'];
    expect((await call(join(folder, 'good.yaml'), ...twice)).code).toBe(0);
  });
});
