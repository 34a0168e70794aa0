/** The whole check of a change: format and lint, types, generated texts, then the tests. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (...path) => join(root, 'node_modules', ...path);
const steps = [
  ['format and lint', [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--error-on-warnings', '.']],
  ['types', [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']],
  ['generated texts', [join(root, 'scripts', 'generate.js'), '--check']],
  ['tests', [join(root, 'scripts', 'jest.js')]],
];
for (const [name, args] of steps) {
  const started = performance.now();
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}
