/**
 * Reads values of a document as what the model wants. Each gives undefined (or nothing) for a value of
 * another shape: that has been reported, and is treated as absent.
 */
import { parseSize } from '../stream/size.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import { type Address, parseAddress } from './address.ts';
import { isMapping, isSequence, type Mapping, type Value } from './value.ts';

/** The author's elements under a key, in order of name. */
export function elements(data: Value | undefined): readonly (readonly [string, Mapping])[] {
  if (!isMapping(data)) return [];
  const named: (readonly [string, Mapping])[] = [];
  for (const [name, value] of data) {
    if (isMapping(value)) named.push([name, value]);
  }
  return sorted(named);
}

export function sorted<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Of two elements of one name the first counts; a rule speaks of the other. */
export function byName<T extends { readonly name: string }>(
  all: readonly T[],
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const [name, element] of sorted(all.map((one) => [one.name, one] as const))) {
    if (!found.has(name)) found.set(name, element);
  }
  return found;
}

export function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** One text, or several. */
export function texts(value: Value | undefined): string[] {
  if (typeof value === 'string') return [value];
  return isSequence(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function count(value: Value | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** The first is the default. */
export function oneOf<T extends string>(value: Value | undefined, values: readonly [T, ...T[]]): T {
  return values.find((one) => one === value) ?? values[0];
}

/** A limit of any kind: `none` lifts it. @param absent what it is when nothing, or nothing readable, is said */
export function limit(
  value: Value | undefined,
  read: (value: Value | undefined) => number | undefined,
  absent: number | null,
): number | null {
  return value === 'none' ? null : (read(value) ?? absent);
}

export function duration(value: Value | undefined): Micros | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

export function size(value: Value | undefined): number | undefined {
  return typeof value === 'string' ? parseSize(value) : undefined;
}

export function address(value: Value | undefined): Address | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const found = parseAddress(value);
  return found && Object.freeze(found);
}
