/**
 * Patterns of paths, for shells that do not expand them and for quoted ones: `*`, `?`, `**`, `{a,b}`. What
 * begins with a dot is found only by a pattern that does.
 */
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that hold other people's files, or none that a person wrote. */
export const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', '.git', '.roundabout']);

export function isPattern(path: string): boolean {
  return /[*?{]/.test(path);
}

/** @returns paths that match, in order of name */
export function expandPattern(pattern: string): readonly string[] {
  const found = new Set<string>();
  for (const one of alternatives(pattern)) {
    const parts = one.split('/');
    const rooted = parts[0] === '';
    walk(rooted ? '/' : '', rooted ? parts.slice(1) : parts, found);
  }
  return [...found].sort();
}

/** `{a,b}` as two patterns, from the first brace on. */
function alternatives(pattern: string): readonly string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before, inside, after] = match;
  return inside.split(',').flatMap((one) => alternatives(before + one + after));
}

function walk(folder: string, parts: readonly string[], found: Set<string>): void {
  const [part, ...rest] = parts;
  const last = rest.length === 0;
  if (part === '**') {
    walk(folder, last ? ['*'] : rest, found);
    for (const entry of list(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name)) {
        walk(join(folder, entry.name), parts, found);
      }
    }
    return;
  }
  if (!isPattern(part)) {
    const path = join(folder, part);
    if (!existsSync(path)) return;
    if (last) found.add(path);
    else walk(path, rest, found);
    return;
  }
  const wanted = expressionOf(part);
  for (const entry of list(folder)) {
    if (!wanted.test(entry.name) || (entry.name.startsWith('.') && !part.startsWith('.'))) continue;
    if (!last && !entry.isFile()) walk(join(folder, entry.name), rest, found);
    else if (last && entry.isFile()) found.add(join(folder, entry.name));
  }
}

function list(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder || '.', { withFileTypes: true });
  } catch {
    // A folder that may not be read, or a file where the pattern wants a folder, matches nothing.
    return [];
  }
}

function expressionOf(part: string): RegExp {
  const escaped = part.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 'u');
}
