/** The work of `roundabout init`: copies a template into a folder. Never writes over what is there. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RoundaboutError } from '../stream/error.ts';
import type { Streams } from './command.ts';
import { TEMPLATES } from './templates.ts';

/** The package's own folder, in which templates and the schema lie. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
/** Not copied: packing a package leaves such a file out. */
const IGNORED = '.gitignore';

/**
 * @param template one of `TEMPLATES`
 * @throws RoundaboutError `bad-usage` when a file is there already, or the folder cannot be written
 */
export function init(template: string, dir = template, { out }: Streams): number {
  const folders = TEMPLATES.find(({ name }) => name === template)?.folders ?? [];
  const files = new Map<string, string>();
  for (const folder of folders) {
    const from = join(PACKAGE, 'templates', folder);
    for (const path of filesIn(from)) files.set(relative(from, path), path);
  }
  files.set('topology.schema.json', join(PACKAGE, 'schemas', 'topology.schema.json'));
  const taken = [...files.keys(), IGNORED].filter((path) => existsSync(join(dir, path)));
  if (taken.length > 0) {
    throw new RoundaboutError('bad-usage', `${dir} has a ${taken[0]} already`, {
      hint: `name another folder: roundabout init ${template} DIR`,
    });
  }
  try {
    for (const [path, source] of files) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      copyFileSync(source, join(dir, path));
    }
    writeFileSync(join(dir, IGNORED), '.roundabout/\nnode_modules/\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RoundaboutError('bad-usage', `${dir} cannot be written (${code})`, { cause: error });
  }
  const made = [...files.keys(), IGNORED].sort();
  out.write(`${made.map((path) => `  ${join(dir, path)}\n`).join('')}`);
  out.write(`next: cd ${dir}, then roundabout run roundabout.yaml; README.md goes on from there\n`);
  return 0;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
