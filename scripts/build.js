/**
 * Builds `dist` from `src` and `build/ndjson.wasm` from `assembly`, then compiles the topology's JSON Schema
 * into one file that imports nothing (`build/validator.js`), so that no validator library is loaded, and no
 * code generated, at run time; and puts the command line together (`build/cli`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'build'), { recursive: true });

/** Runs a compiler from node_modules, and ends when it fails. */
function compile(script, args) {
  const file = join(root, 'node_modules', script);
  const done = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) process.exit(1);
}

compile('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
compile('assemblyscript/bin/asc.js', [
  'assembly/ndjson.ts',
  ...['--enable', 'simd', '--enable', 'bulk-memory', '-O3', '--noAssert', '--runtime', 'stub'],
  // The memory is the product's: it lays it out and makes it larger.
  ...['--importMemory', '--outFile', 'build/ndjson.wasm'],
]);

const schemaModule = join(root, 'dist', 'topology', 'schema.js');
if (existsSync(schemaModule)) {
  const { topologySchema } = await import(pathToFileURL(schemaModule).href);
  const { compileValidator } = await import('./compile-validator.js');
  await compileValidator(topologySchema, join(root, 'build', 'validator.js'));
  const { bundleCli } = await import('./bundle.js');
  await bundleCli(root);
}
