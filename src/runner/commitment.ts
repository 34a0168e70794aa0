/** What a `commit` entry of the log says, in both forms: the text that is stored, and the plan made from it. */
import { createHash } from 'node:crypto';
import { assignIds, type Committed, fromCanonical, toCanonical } from '../topology/canonical.ts';
import type { Plan } from '../topology/plan.ts';
import { planTopology } from '../topology/planner.ts';
import type { Topology } from '../topology/topology.ts';

export interface Commitment extends Committed {
  readonly plan: Plan;
  /** Canonical JSON for the log's `commit` entry, and its SHA-256 in hex. */
  readonly text: string;
  readonly hash: string;
}

/**
 * The commitment to a topology that has been found valid.
 * @param before what has been in force until now, whose numbers are kept; undefined: the log is new
 * @param random so many random bytes
 */
export function commitTo(
  topology: Topology,
  before: Committed | undefined,
  random: (bytes: number) => Uint8Array,
): Commitment {
  const ids = assignIds(topology, random, before);
  return {
    topology,
    ids,
    plan: planTopology(topology, ids),
    ...stored(toCanonical(topology, ids)),
  };
}

/** What a log says has been committed. @param text of its entry */
export function committed(text: string): Commitment {
  const { topology, ids } = fromCanonical(text);
  return { topology, ids, plan: planTopology(topology, ids), ...stored(text) };
}

function stored(text: string): { readonly text: string; readonly hash: string } {
  return { text, hash: createHash('sha256').update(text).digest('hex') };
}
