/** docs/validate.md, done as it is written: its file, its commands one after the other, what they print. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { formats } from '../../src/diagnostics/formats.ts';
import { validateText } from '../../src/rules/validate.ts';
import { root } from '../tools/product.ts';

const page = readFileSync(join(root, 'docs/validate.md'), 'utf8');
const blocks = (language: string): string[] =>
  Array.from(page.matchAll(/^```([\w ]*)\n([\s\S]*?)^```$/gm))
    .filter(([, found]) => found === language)
    .map(([, , text]) => String(text));
const [shop = ''] = blocks('yaml with mistakes');
const [lint = '', silenced = '', ...forOthers] = blocks('yaml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'page-'));
  mkdirSync(join(folder, 'flows/deep'), { recursive: true });
  writeFileSync(join(folder, 'shop.yaml'), shop);
  writeFileSync(join(folder, 'flows/deep/a.yaml'), 'version: 1\nname: a\n');
  writeFileSync(join(folder, 'compose.yaml'), 'services: {}\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line of the page in a shell, `roundabout` being the built command. */
function shell(line: string): Promise<{ code: number | null; out: string; err: string }> {
  const script = `roundabout() { "${process.execPath}" "${join(root, 'bin/roundabout.js')}" "$@"; }\n${line}\n`;
  const child = spawn('bash', ['--norc', '--noprofile', '-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    printed.out += data;
  });
  child.stderr.on('data', (data) => {
    printed.err += data;
  });
  return new Promise((done) => child.once('close', (code) => done({ code, ...printed })));
}

describe('docs/validate.md', () => {
  const lines = blocks('sh').join('').trimEnd().split('\n');

  test('every command of the page ends as the page says', async () => {
    const ended: [string, number | null][] = [];
    for (const line of lines) {
      const { code, out, err } = await shell(line);
      expect(err).not.toMatch(/internal|unknown option|file-unreadable/);
      ended.push([line, code]);
      if (line === 'roundabout validate shop.yaml') {
        expect(out.replace(/\(\d+ ms\)/, '(TIME ms)')).toBe(blocks('')[0]);
      }
      if (line.includes('--fix')) {
        expect(err).toMatch(/^fixed yaml-1-1-trap .*\nfixed shell-string .*\n$/);
        const fixed = shop
          .replace('yes', '"yes"')
          .replace('node till.js --all', '[node, till.js, --all]');
        expect(readFileSync(join(folder, 'shop.yaml'), 'utf8')).toBe(fixed);
      }
    }
    // What is left after --fix is an error, so all others find it, but for the one that passes over its file.
    expect(ended.filter(([, code]) => code !== 1)).toEqual([
      ['roundabout validate --skip-others compose.yaml', 0],
    ]);
    expect(ended.length).toBeGreaterThan(9);
    expect(JSON.parse(readFileSync(join(folder, 'shop.sarif'), 'utf8')).version).toBe('2.1.0');
  });

  test('what the page hides behind the first mistake comes out when that is mended', () => {
    const { findings } = validateText(shop.replace('from: order\n', 'from: orders\n'), 'shop.yaml');
    expect(findings.map(({ rule }) => rule)).toContain('unknown-column');
  });

  test('its pieces of YAML do what it says', () => {
    const flow =
      'version: 1\nname: x\nvehicles: { v: { lanes: { l: { listen: 7001, codec: text } } } }\nexits: { e: { from: l } }\n';
    const said = (rest: string): string[] =>
      validateText(flow + rest, 'x.yaml')
        .findings.map(({ rule }) => rule)
        .filter((rule) => rule !== 'no-tests');
    expect(said('')).toEqual(['exit-without-vehicle']);
    expect(said(lint)).toEqual([]);
    expect(said(silenced)).toEqual(['exit-without-vehicle']);
    const [action, hooks] = forOthers.map((text) => parse(text));
    const { inputs } = parse(readFileSync(join(root, 'action.yml'), 'utf8'));
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(action[1].with)));
    expect(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')).toContain(
      `id: ${hooks.repos[0].hooks[0].id}`,
    );
  });

  test('it names every format, and no option that there is not', async () => {
    for (const format of formats.keys()) expect(page).toContain(`\`${format}\``);
    const { out } = await shell('roundabout validate --help');
    const options = new Set(Array.from(page.matchAll(/(--[a-z-]+)/g), ([option]) => option));
    options.delete('--all'); // of the program in the example
    for (const option of options) expect(out).toContain(option);
  });
});
