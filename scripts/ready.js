/**
 * Makes a fresh clone work: an old Node is refused in one sentence, packages are installed when the
 * lockfile has changed, the product is built when a source has. Else it costs a few milliseconds.
 * Imports nothing beyond Node, since nothing else need be there yet.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`roundabout needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(3);
}

/** Runs a step and ends with its exit code when it fails. */
function step(words, command, args) {
  console.error(words);
  // npm is a batch file on Windows, which only a shell starts; the arguments are ours.
  const shell = process.platform === 'win32' && command === 'npm';
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell });
  if (done.error) console.error(`${command} could not be started: ${done.error.message}`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

const lock = readFileSync(join(root, 'package-lock.json'));
const installed = join(root, 'node_modules', '.roundabout-lock.json');
if (!existsSync(installed) || !readFileSync(installed).equals(lock)) {
  step('installing packages ...', 'npm', [
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  writeFileSync(installed, lock);
}

/** Everything a build depends on, as one hash. */
function sourceHash() {
  const hash = createHash('sha256').update(`node ${major}\n`).update(lock);
  const visit = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const inner = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(inner);
      else hash.update(`${inner}\n`).update(readFileSync(join(root, inner)));
    }
  };
  for (const folder of ['src', 'assembly', 'scripts']) visit(folder);
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

const stamp = join(root, 'build', 'stamp');
const wanted = sourceHash();
const built =
  existsSync(join(root, 'dist')) && existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (built !== wanted) {
  step('building ...', process.execPath, [join(root, 'scripts', 'build.js')]);
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(stamp, wanted);
}
