/**
 * Puts the command line together into few files (`build/cli`): a hundred small ones take longer to load than
 * a topology to judge. A command is still loaded when it is called, and stack traces still name the source.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages that are copied into the bundle; the others are loaded from where they are installed. */
const BUNDLED = ['commander', 'fastest-levenshtein', 'picocolors', 'yaml'];

/** @param {string} root the folder of the package; `dist` is built */
export async function bundleCli(root) {
  const folder = join(root, 'build', 'cli');
  rmSync(folder, { recursive: true, force: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build({
    entryPoints: [join(root, 'dist', 'cli', 'main.js')],
    outdir: folder,
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Names are kept: they are what a stack trace is read by.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    sourcesContent: false,
    // What is bundled and was written for `require` asks for Node's own modules with it.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const licences = BUNDLED.map((name) => {
    const licence = name === 'fastest-levenshtein' ? 'LICENSE.md' : 'LICENSE';
    return `${name}\n\n${readFileSync(join(root, 'node_modules', name, licence), 'utf8')}`;
  });
  writeFileSync(join(folder, 'LICENSES.txt'), licences.join('\n---\n\n'));
}
