/** docs/testing.md as a reader follows it: its file, its data, its commands. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Place, root } from '../tools/product.ts';

const PAGE = readFileSync(join(root, 'docs/testing.md'), 'utf8');
const place = new Place('');
afterAll(() => place.remove());

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1] ?? '';
}

test('the commands of the page do what it says', () => {
  writeFileSync(join(place.folder, 'deposits.yaml'), block('yaml'));
  writeFileSync(join(place.folder, 'deposits.ndjson'), block('json'));
  const command = join(place.folder, 'roundabout');
  const flags = '--disallow-code-generation-from-strings';
  const product = join(root, 'bin', 'roundabout.js');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' ${flags} '${product}' "$@"\n`);
  chmodSync(command, 0o755);
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-e', '-c', block('sh')], {
    cwd: place.folder,
    env: { PATH: `${place.folder}:${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  const [summary, ...rest] = stdout.split('\n');
  expect(summary).toMatch(/^1 passed, 0 failed in \d+ ms \(1h of virtual time\)$/);
  expect(rest).toEqual([
    'hourly  3 records',
    '  account   total',
    '  ann       10',
    '  bob       4',
    '  ann       -1',
    'true   boolean',
    '10',
    '4',
    '-1',
    '',
  ]);
});
