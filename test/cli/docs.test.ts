/** What the docs say of commands: each runs as it is written, and prints what stands below it. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commands } from '../../src/cli/index.ts';
import { root } from '../tools/product.ts';

const PAGE = readFileSync(join(root, 'docs/reading-a-flow.md'), 'utf8');
const README = readFileSync(join(root, 'README.md'), 'utf8');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-docs-'));
  symlinkSync(join(root, 'pipelines'), join(folder, 'pipelines'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(line: string) {
  const bin = join(root, 'bin/roundabout.js');
  const script = `roundabout() { '${process.execPath}' '${bin}' "$@"; }\n${line}`;
  return spawnSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' });
}

/** Blocks of a language, or of none. */
function blocks(language: string, page = PAGE): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'gm'))].map(
    (one) => one[1],
  );
}

describe('docs', () => {
  test('every command of the page ends with 0', () => {
    const lines = blocks('sh').join('').trim().split('\n');
    expect(lines.length).toBeGreaterThan(7);
    for (const line of lines) {
      const { status, stderr } = shell(line);
      expect({ line, status, stderr: status === 0 ? '' : stderr }).toEqual({
        line,
        status: 0,
        stderr: '',
      });
    }
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['flow.svg', 'my-flow']));
  });

  test('each task is told of with its flow, and the tests of that pass', () => {
    const page = readFileSync(join(root, 'docs/tasks.md'), 'utf8');
    const flows = [...page.matchAll(/\]\(\.\.\/(pipelines\/[\w-]+\.yaml)\)/g)].map(
      ([, flow]) => flow,
    );
    expect(flows).toHaveLength(5);
    const lines = blocks('sh', page).map((block) => block.trim());
    expect(lines).toEqual(flows.map((flow) => `roundabout test ${flow}`));
    for (const line of lines) expect(shell(line).stdout).toMatch(/^\d+ passed, 0 failed /m);
  });

  test('what is shown below a command is what it prints', () => {
    const shown = blocks('').filter((block) => block.startsWith('$ '));
    expect(shown.length).toBeGreaterThan(0);
    for (const block of shown) {
      const [command, ...output] = block.split('\n');
      expect(shell(command.slice(2)).stdout).toBe(output.join('\n'));
    }
  });

  test('the README names every command there is', () => {
    const told = README.slice(README.indexOf('| command |'));
    const missing = commands
      .filter(({ hidden = false }) => !hidden)
      .filter(({ name }) => !new RegExp(`\`${name}\\b`).test(told));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
