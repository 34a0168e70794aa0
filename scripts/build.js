/**
 * Builds `dist` from `src`, then compiles the topology's JSON Schema into one file that imports nothing
 * (`build/validator.js`), so that no validator library is loaded, and no code generated, at run time; and puts
 * the command line together (`build/cli`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'build'), { recursive: true });

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (compiled.status !== 0) process.exit(1);

const schemaModule = join(root, 'dist', 'topology', 'schema.js');
if (existsSync(schemaModule)) {
  const { topologySchema } = await import(pathToFileURL(schemaModule).href);
  const { compileValidator } = await import('./compile-validator.js');
  await compileValidator(topologySchema, join(root, 'build', 'validator.js'));
  const { bundleCli } = await import('./bundle.js');
  await bundleCli(root);
}
