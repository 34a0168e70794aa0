/** Finds what a pattern of steps leads to in a document; `*` is every entry. */
import type { Path } from '../diagnostics/report.ts';
import { isMapping, isSequence, type Value } from './value.ts';

export interface Reached {
  readonly path: Path;
  readonly value: Value;
}

export function pathsTo(data: Value, pattern: Path): readonly Reached[] {
  let reached: Reached[] = [{ path: [], value: data }];
  for (const step of pattern) {
    reached = reached.flatMap(({ path, value }) =>
      entriesOf(value)
        .filter(([key]) => step === '*' || step === key)
        .map(([key, inner]) => ({ path: [...path, key], value: inner })),
    );
  }
  return reached;
}

function entriesOf(
  value: Value,
): Iterable<readonly [string | number, Value]> & readonly (readonly [string | number, Value])[] {
  if (isMapping(value)) return [...value];
  return isSequence(value) ? [...value.entries()] : [];
}
