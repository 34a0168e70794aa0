/**
 * A new graph is tried out before it is committed: it is built whole, beside the running one, and given what
 * each lane brought last. What it would give is thrown away; what counts is that it can.
 */
import { Engine } from '../engine/engine.ts';
import type { TableContent } from '../engine/tables.ts';
import type { Entry, Id, LogEntry } from '../stream/entry.ts';
import type { Bodies, Hold } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import type { Plan } from '../topology/plan.ts';

/** Some hundreds of records: every expression is computed at least once. */
const SAMPLE_BYTES = 64 * 1024;
/** A sample is a copy, so not every chunk is worth one. */
const SAMPLE_EACH_MS = 100;

/** The last bytes of each lane, now and then. */
export class Samples {
  readonly #byLane = new Map<Id, Uint8Array>();
  #takenMs = Number.NEGATIVE_INFINITY;

  take(entries: readonly LogEntry[], nowMs: number): void {
    if (nowMs - this.#takenMs < SAMPLE_EACH_MS) return;
    for (const entry of entries) {
      if (entry.kind !== 'chunk') continue;
      this.#takenMs = nowMs;
      this.#byLane.set(entry.lane, entry.bytes.slice(0, SAMPLE_BYTES));
    }
  }

  of(lane: Id): Uint8Array | undefined {
    return this.#byLane.get(lane);
  }
}

/** Takes messages and forgets them. */
class NoHold implements Hold {
  next = 1;

  append({ count }: Bodies): void {
    this.next += count;
  }
}

/** @throws whatever the graph throws: it must not be committed */
export function tryOut(
  plan: Plan,
  samples: Samples,
  tables: readonly TableContent[],
  at: Micros,
): void {
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new NoHold()]));
  const engine = new Engine({ plan, start: at, holds, seed: 0 });
  let lsn = 0;
  const feed = (entry: Entry): void => engine.feed({ lsn: ++lsn, at, ...entry });
  for (const content of tables) {
    const { table, hash, bytes } = content;
    engine.expect(content);
    feed({ kind: 'lookup', table, hash, size: bytes.length, offset: 0, bytes });
  }
  for (const { id: lane } of plan.lanes) {
    feed({ kind: 'opened', lane, connection: lane, peer: 'trial' });
    const bytes = samples.of(lane);
    if (bytes !== undefined) feed({ kind: 'chunk', lane, connection: lane, bytes });
    feed({ kind: 'closed', lane, connection: lane, how: 'stop' });
  }
  for (const { id: lane } of plan.lanes) feed({ kind: 'close', lane });
}
