/** `init`: every template is valid, runs to its end, and gives what its README says. */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { init } from '../../src/cli/init.ts';
import { TEMPLATES } from '../../src/cli/templates.ts';
import { validateFile } from '../../src/rules/validate.ts';
import { Product, root } from '../tools/product.ts';
import { capture } from '../tools/streams.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-init-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function made(template: string): string {
  const dir = join(folder, template);
  const { streams, printed } = capture();
  expect(init(template, dir, streams)).toBe(0);
  expect(printed.out).toContain('next: cd ');
  // What `npm install` would bring.
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

/** How many results a template holds or hands over in the end, by exit. */
const RESULTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  quickstart: { busy: 2 },
  'word-count': { counts: 17 },
  'join-two-lanes': { settled: 2, unpaid: 2 },
  'window-aggregate': { warmth: 4, too_late: 1 },
  'vehicle-node': { large: 2 },
  'vehicle-python': { large: 2 },
};

describe('init', () => {
  test.each(TEMPLATES.map(({ name }) => name))('%s is valid, runs and adds up', async (name) => {
    const dir = made(name);
    const file = join(dir, 'roundabout.yaml');
    expect(validateFile(file).findings).toEqual([]);
    for (const line of readFileSync(join(dir, 'README.md'), 'utf8').matchAll(
      /^roundabout (\w+).*$/gm,
    )) {
      expect(['validate', 'run', 'vehicle', 'explain', 'test']).toContain(line[1]);
    }
    const tested = new Product(['test', file]);
    expect({ code: await tested.exited, stdout: tested.stdout }).toMatchObject({ code: 0 });
    const args = ['run', file, '--amqp', '127.0.0.1:0', '--until', 'drained'];
    const product = new Product(args);
    expect({ code: await product.exited, stderr: product.stderr }).toMatchObject({ code: 0 });
    expect(product.stderr).toContain('adds up');
    for (const [exit, count] of Object.entries(RESULTS[name])) {
      expect(product.stderr).toMatch(new RegExp(`${exit} +numbered ${count} `));
    }
  });

  test('the editor finds its schema beside the file', () => {
    const dir = join(folder, 'quickstart');
    const [modeline] = readFileSync(join(dir, 'roundabout.yaml'), 'utf8').split('\n');
    const path = /\$schema=(\S+)$/.exec(modeline)?.[1] ?? '';
    expect(existsSync(join(dir, path))).toBe(true);
  });

  test('nothing is written over', () => {
    const { streams } = capture();
    const again = () => init('quickstart', join(folder, 'quickstart'), streams);
    expect(again).toThrow(expect.objectContaining({ slug: 'bad-usage' }));
  });
});
