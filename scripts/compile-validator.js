/** Compiles a draft-07 schema into an ES module with one function and no imports. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { lean, shared } from './lean-schema.js';

/**
 * @param {object} schema the topology's schema
 * @param {string} target path of the module to write; its default export is `(value) => boolean` with `errors`
 */
export async function compileValidator(schema, target) {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    verbose: true,
    // What is shared is a function of its own, called from each place.
    inlineRefs: false,
    code: { source: true, esm: true },
  });
  const code = standaloneCode.default(ajv, ajv.compile(shared(lean(schema))));
  // ajv's output still requires its own helpers, so it is bundled from beside node_modules.
  const folder = mkdtempSync(join(dirname(target), 'validator-'));
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(join(folder, 'validator.js'), code);
    await build({
      entryPoints: [join(folder, 'validator.js')],
      outfile: target,
      bundle: true,
      format: 'esm',
      platform: 'node',
      // Most of it is text that is read at every start.
      minify: true,
      logLevel: 'error',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
