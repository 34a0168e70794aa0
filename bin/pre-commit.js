#!/usr/bin/env node
/**
 * `roundabout validate` over the files that a commit changes, as a hook of pre-commit calls it. Runs from a
 * checkout that nobody has built, so it makes itself ready first; that takes no time when it is.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const ready = spawnSync(process.execPath, [here('../scripts/ready.js')], {
  stdio: ['ignore', 2, 2],
});
if (ready.status !== 0) process.exit(ready.status ?? 1);
const args = [here('roundabout.js'), 'validate', '--skip-others', '--', ...process.argv.slice(2)];
const validated = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exit(validated.status ?? 1);
