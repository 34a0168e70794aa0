/**
 * Where each value of a document is written: a tree beside the data. Spots below an anchor are shared by
 * its aliases, so a child remembers through which alias it was reached.
 */
import type { Path } from '../diagnostics/report.ts';
import type { Value } from './value.ts';

/** Half-open range of UTF-16 units in the text. */
export type TextRange = readonly [start: number, end: number];

export interface Child {
  readonly spot: Spot;
  /** Where its key is written; absent in a sequence. */
  readonly key?: TextRange;
  readonly alias?: TextRange;
}

export interface Spot {
  readonly value: Value;
  readonly style: 'plain' | 'quoted' | 'block' | 'collection';
  readonly start: number;
  readonly end: number;
  readonly children: ReadonlyMap<string | number, Child>;
  /** Values in it, itself included, repeats counted. */
  readonly size: number;
  /** Levels of collections in it: 0 for a scalar. */
  readonly height: number;
}

export interface Reached {
  readonly spot: Spot | undefined;
  readonly key: TextRange | undefined;
  /** The innermost alias on the way. */
  readonly alias: TextRange | undefined;
  /** false: the path leads on to something that is not there. */
  readonly whole: boolean;
}

/** Follows a path as far as it leads. */
export function walkTo(root: Spot | undefined, path: Path): Reached {
  let spot = root;
  let key: TextRange | undefined;
  let alias: TextRange | undefined;
  for (const step of path) {
    const child: Child | undefined = spot?.children.get(step);
    if (child === undefined) return { spot, key, alias, whole: false };
    spot = child.spot;
    key = child.key ?? key;
    alias = child.alias ?? alias;
  }
  return { spot, key, alias, whole: true };
}

/**
 * What to underline for a value: a scalar is underlined whole, what spans lines or is not written at all
 * by its key, or by its first entry where there is none.
 */
export function spotRange(spot: Spot, key: TextRange | undefined, text: string): TextRange {
  const empty = spot.end <= spot.start;
  const lines = !empty && text.slice(spot.start, spot.end).trimEnd().includes('\n');
  if (!empty && !lines) return [spot.start, spot.end];
  if (key !== undefined) return key;
  const first = spot.children.values().next().value;
  if (first?.key !== undefined) return first.key;
  return [spot.start, Math.min(spot.start + 1, text.length)];
}
