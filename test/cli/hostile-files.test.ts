/**
 * Files that somebody made to hurt, given to the built command: it answers with findings, soon, in little
 * memory, whatever the format.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { root } from '../tools/product.ts';

/** What the product promises, and what Node may take for objects so that it keeps the promise. */
const MEMORY_MAX_KIB = 200 * 1024;
const HEAP_MIB = 128;
/** Far above what any of them takes on a busy machine: only what hangs gets there. */
const HANGS_MS = 40_000;

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LANE =
  'version: 1\nname: x\nvehicles:\n  v:\n    lanes:\n      l: { listen: 7001, fields: { a: long } }\n';
const EXIT = 'exits:\n  e: { from: o0, for: v }\n';
const many = (n: number, line: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join('');
const operator = (name: string, from: string): string =>
  `  ${name}: { type: filter, from: ${from}, where: a > 1 }\n`;

const files: Readonly<Record<string, string | Uint8Array>> = {
  empty: '',
  'bytes that are no text': Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 256),
  'zero bytes': new Uint8Array(100_000),
  '300 KiB of comments': `# ${'x'.repeat(300 * 1024)}\n`,
  'commas without end': `a: [${','.repeat(250_000)}`,
  'brackets without end': '['.repeat(250_000),
  'ever deeper lines': many(600, (i) => `${' '.repeat(i)}a:\n`),
  'an alias bomb': many(26, (i) => {
    const c = (n: number): string => String.fromCharCode(97 + n);
    return i === 0
      ? 'a: &a [x, x, x]\n'
      : `${c(i)}: &${c(i)} [*${c(i - 1)}, *${c(i - 1)}, *${c(i - 1)}]\n`;
  }),
  'an alias of itself': `${LANE}operators: &o\n  o0: { type: filter, from: l, where: *o }\n${EXIT}`,
  'an anchor around everything': `&all\n${LANE}x_again: *all\n`,
  'thousands of findings on one line': `{${many(2_400, (i) => `"k${i}": ${i}, `)}}`,
  'a chain of operators': `${LANE}operators:\n${many(1_000, (i) => operator(`o${i}`, i === 999 ? 'l' : `o${i + 1}`))}${EXIT}`,
  'a ring of operators': `${LANE}operators:\n${many(1_000, (i) => operator(`o${i}`, `o${(i + 1) % 1_000}`))}${EXIT}`,
  'names that lead nowhere': `${LANE}operators:\n${many(1_000, (i) => operator(`operator_number_${i}`, `operator_nunber_${i}`))}${EXIT}`,
  'an expression that is too long': `${LANE}operators:\n  o0: { type: filter, from: l, where: "${'(a + '.repeat(40_000)}" }\n${EXIT}`,
  'long expressions': `${LANE}operators:\n${many(40, (i) => operator(`o${i}`, 'l').replace('a > 1', `"${many(400, (n) => `a > ${n} AND `)}a > 1"`))}${EXIT}`,
  'a union of everything': `${LANE}operators:\n${many(60, (i) => `  o${i}: { type: union, from: [l, ${many(i, (n) => `o${n}, `)}] }\n`)}exits:\n  e: { from: o59, for: v }\n`,
};

function call(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const preload = join(root, 'test/tools/report-memory.mjs');
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${HEAP_MIB}`,
      `--import=${preload}`,
      '--disallow-code-generation-from-strings',
      join(root, 'bin/roundabout.js'),
      'validate',
      ...args,
    ],
    { timeout: HANGS_MS, killSignal: 'SIGKILL' },
  );
  const printed = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    printed.out += data;
  });
  child.stderr.on('data', (data) => {
    printed.err += data;
  });
  return new Promise((done) => child.once('close', (code) => done({ code, ...printed })));
}

describe('hostile files', () => {
  test.each(Object.entries(files))(
    '%s: findings or none, in less than 200 MB',
    async (name, text) => {
      const file = join(folder, `${name.replaceAll(' ', '-')}.yaml`);
      writeFileSync(file, text);
      const { code, out, err } = await call(file, '--format', 'human', '--fix');
      expect([0, 1]).toContain(code);
      const [, count = ''] = /^([\d,]+) errors?, /m.exec(out) ?? [];
      expect(count !== '0').toBe(code === 1);
      const [, memory = ''] = /maxRSS=(\d+)/.exec(err) ?? [];
      expect(Number(memory)).toBeGreaterThan(1_000);
      expect(Number(memory)).toBeLessThan(MEMORY_MAX_KIB);
      expect(err).not.toContain('internal');
    },
  );

  test('all of them at once, as SARIF', async () => {
    const { code, out, err } = await call(join(folder, '*.yaml'), '--format', 'sarif');
    expect(code).toBe(1);
    expect(JSON.parse(out).runs[0].results.length).toBeGreaterThan(3_000);
    expect(Number(/maxRSS=(\d+)/.exec(err)?.[1])).toBeLessThan(2 * MEMORY_MAX_KIB);
  });
});
