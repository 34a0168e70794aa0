/** The order in which operators may be planned: what is read before who reads it, ties by name. */
import type { Topology } from './topology.ts';

export interface Order {
  readonly names: readonly string[];
  /** Operators that feed themselves: each ring once, from its least name. */
  readonly rings: readonly (readonly string[])[];
}

export function topologicalOrder({ operators }: Topology): Order {
  const names: string[] = [];
  const placed = new Set<string>();
  const waiting = new Set(operators.keys());
  for (;;) {
    const ready = [...waiting].filter((name) =>
      (operators.get(name)?.from ?? []).every((from) => !operators.has(from) || placed.has(from)),
    );
    if (ready.length === 0) break;
    // The least name first, then look again: ties never depend on the place in the file.
    const [next] = ready.sort();
    names.push(next);
    placed.add(next);
    waiting.delete(next);
  }
  return { names, rings: rings(waiting, operators) };
}

function rings(waiting: ReadonlySet<string>, operators: Topology['operators']): string[][] {
  const found: string[][] = [];
  const seen = new Set<string>();
  for (const start of [...waiting].sort()) {
    const way: string[] = [];
    let name: string | undefined = start;
    while (name !== undefined && !seen.has(name) && !way.includes(name)) {
      way.push(name);
      name = operators.get(name)?.from.find((from) => waiting.has(from));
    }
    if (name !== undefined && way.includes(name)) found.push(way.slice(way.indexOf(name)));
    for (const one of way) seen.add(one);
  }
  return found;
}
