/**
 * References to the world outside of the file: `${env:NAME}`, `${env:NAME:-default}`, `${file:path}`, and `$${`
 * for a plain `${`. They are resolved in single scalars of the parsed document, so that no value can add a key,
 * and every place stays that of the scalar as it was written.
 *
 * Where a secret may stand, the document keeps the reference, and the value is handed on beside it. Elsewhere
 * the value takes its place: it is part of what is committed, so a replay computes with what was in force.
 */
import type { Finding, Path } from '../diagnostics/report.ts';
import { PLACES, type Place } from './interpolate-places.ts';
import { pathsTo, type Reached } from './paths-to.ts';
import { entry, isMapping, isSequence, type Value } from './value.ts';

/** What references lead to. */
export interface World {
  /** @returns undefined: it is not set */
  env(name: string): string | undefined;
  /**
   * Reads a file, relative to the topology.
   * @returns its text without one newline at its end, or why there is none
   */
  file(path: string): { readonly text: string } | { readonly problem: string };
}

export interface Interpolated {
  readonly data: Value;
  readonly findings: readonly Finding[];
  /** The value of a scalar whose reference stays in the document; undefined: it has none, or was not resolved. */
  hidden(path: Path): string | undefined;
}

const PIECE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const ENV = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const FILE = /^file:(.+)$/s;

/** @param world undefined: the file is only checked, and nothing outside of it is looked at */
export function interpolate(data: Value, world: World | undefined): Interpolated {
  const findings: Finding[] = [];
  const hidden = new Map<string, string>();
  let resolved = data;
  for (const place of PLACES) {
    for (const reached of pathsTo(data, place.at)) {
      const { value, path } = reached;
      if (typeof value !== 'string' || !value.includes('${')) continue;
      const text = resolve(reached, value, place, world, findings);
      if (place.filled && text === '') {
        const message = `"${value}" is empty`;
        findings.push({ rule: 'env-undefined', path, message, hint: 'give it a value' });
      }
      if (place.secret) {
        if (text !== undefined) hidden.set(JSON.stringify(path), text);
        continue;
      }
      const plain = text ?? standIn(place, data, path, value);
      resolved = replaced(resolved, path, typed(plain, place));
    }
  }
  return { data: resolved, findings, hidden: (path) => hidden.get(JSON.stringify(path)) };
}

/** @returns the text with its references resolved; undefined when one of them was not */
function resolve(
  { path }: Reached,
  written: string,
  place: Place,
  world: World | undefined,
  findings: Finding[],
): string | undefined {
  let text = '';
  let from = 0;
  let whole: boolean = true;
  for (const match of written.matchAll(PIECE)) {
    const [piece, inner, closed] = match;
    const span = [match.index, match.index + piece.length] as const;
    text += written.slice(from, match.index);
    from = span[1];
    if (inner === undefined) {
      text += '${';
      continue;
    }
    const found = closed === '' ? NO_REFERENCE : referenced(inner, place, world);
    if (found === undefined) whole = false;
    else if ('text' in found) text += found.text;
    else {
      whole = false;
      const name = closed === '' ? written.slice(match.index) : piece;
      findings.push({ ...found, message: `"${name}" ${found.message}`, path, span });
    }
  }
  return whole ? text + written.slice(from) : undefined;
}

type Problem = Omit<Finding, 'path' | 'span'>;

const NO_REFERENCE: Problem = {
  rule: 'bad-interpolation',
  message: 'is no reference',
  hint:
    'write $' + '{env:NAME} or $' + '{file:path}, or $$' + '{ for the two characters themselves',
};

/** @returns undefined: nobody looks */
function referenced(
  inner: string,
  place: Place,
  world: World | undefined,
): { readonly text: string } | Problem | undefined {
  const [, name, otherwise] = ENV.exec(inner) ?? [];
  if (name !== undefined) {
    // As in a shell: a variable that is empty counts as one that is not set.
    const text = world?.env(name) || otherwise;
    if (text !== undefined) return { text };
    if (world === undefined) return undefined;
    if (world.env(name) !== undefined) return { text: '' };
    const hint = `set ${name}, or give a default: $` + `{env:${name}:-...}`;
    return { rule: 'env-undefined', message: 'is not set', hint };
  }
  const [, path] = FILE.exec(inner) ?? [];
  if (path === undefined) {
    // The shell's form has only a name.
    const shell = /^[A-Za-z_]\w*$/.test(inner);
    return shell ? { ...NO_REFERENCE, hint: `write $\{env:${inner}}` } : NO_REFERENCE;
  }
  if (!place.secret) {
    const hint = 'files stand in "secret" and in "env" of a vehicle; write $' + '{env:NAME} here';
    const message = 'is a value of a file, which counts as a secret, and this one would be shown';
    return { rule: 'bad-interpolation', message, hint };
  }
  const found = world?.file(path);
  if (found === undefined || 'text' in found) return found;
  return { rule: 'missing-file', message: `cannot be read: ${found.problem}` };
}

/** What the rest of the file is judged with where the value is not known. */
function standIn({ standIn: one }: Place, data: Value, path: Path, written: string): string {
  if (one === undefined) return written;
  if (typeof one === 'string') return one;
  return one(path.slice(0, -1).reduce<Value | undefined>(entry, data));
}

/** A number is one where the field takes no text. */
function typed(text: string, { count = false }: Place): Value {
  return count && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The same data with another value at a path that is there. */
function replaced(data: Value, [step, ...rest]: Path, value: Value): Value {
  if (step === undefined) return value;
  if (isSequence(data)) {
    return data.map((one, i) => (i === step ? replaced(one, rest, value) : one));
  }
  if (!isMapping(data)) return data;
  return new Map(
    [...data].map(([key, one]) => [key, key === step ? replaced(one, rest, value) : one]),
  );
}
