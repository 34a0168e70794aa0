/**
 * Which plan a state directory runs: the ids and stream ids are those of its log, the topology is the
 * file's, as long as both describe the same flow. Until a running flow can be rewired, a changed flow
 * is refused: its log would give other results than those already held.
 */

import { createHash } from 'node:crypto';
import { RoundaboutError } from '../stream/error.ts';
import { assignIds, fromCanonical, toCanonical } from '../topology/canonical.ts';
import { flowDifference } from '../topology/flow.ts';
import type { Plan } from '../topology/plan.ts';
import { planTopology } from '../topology/planner.ts';
import type { Topology } from '../topology/topology.ts';

export interface Commitment {
  readonly plan: Plan;
  /** Canonical JSON for the log's `commit` entry, and its SHA-256 in hex. */
  readonly text: string;
  readonly hash: string;
  readonly vehicles: ReadonlyMap<string, number>;
}

/**
 * @param committed canonical text of the newest commit in the log; undefined: a new log
 * @throws RoundaboutError `flow-changed` naming what differs
 */
export function commitment(
  topology: Topology,
  committed: string | undefined,
  random: (bytes: number) => Uint8Array,
): Commitment {
  const before = committed === undefined ? undefined : fromCanonical(committed);
  if (before !== undefined) {
    const changes = flowDifference(before.topology, topology);
    if (changes.length > 0) {
      throw new RoundaboutError(
        'flow-changed',
        `the file describes another flow than the one its state directory holds:\n${changes
          .map((change) => `  ${change}`)
          .join('\n')}`,
        {
          hint:
            'undo the edit to go on where it stopped, or start anew with --fresh: the old state ' +
            'directory, with what it still holds, is set aside, not deleted',
        },
      );
    }
  }
  const ids = assignIds(topology, random, before?.ids);
  const text = toCanonical(topology, ids);
  const hash = createHash('sha256').update(text).digest('hex');
  return { plan: planTopology(topology, ids), text, hash, vehicles: ids.vehicles };
}
