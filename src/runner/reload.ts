/**
 * An edit of a running flow. Everything that can fail happens aside, and leaves the flow as it is; then one
 * entry of the log makes the change. Lanes are not read for as long as that takes, which no amount of state
 * and no peer can stretch.
 */
import { RoundaboutError } from '../stream/error.ts';
import { type Change, changesOf } from '../topology/changes.ts';
import type { Topology } from '../topology/topology.ts';
import { type Commitment, commitTo } from './commitment.ts';
import type { ExitPorts } from './exit-ports.ts';
import type { Shard } from './shard.ts';
import { drainingAddresses, type Refusal, refusalsOf } from './stakes.ts';
import { type ReadTableFile, readTables } from './tables.ts';

export type ReloadResult =
  | { readonly kind: 'unchanged'; readonly revision: number }
  | {
      /** Only asked for: nothing stands in its way. */
      readonly kind: 'planned';
      readonly revision: number;
      readonly changes: readonly Change[];
    }
  | {
      readonly kind: 'refused';
      /** The one that goes on. */
      readonly revision: number;
      readonly changes: readonly Change[];
      readonly refusals: readonly Refusal[];
    }
  | {
      readonly kind: 'committed';
      readonly revision: number;
      readonly changes: readonly Change[];
      /** How long lanes were not read. */
      readonly pausedMs: number;
    };

/** What of a runner an edit touches. */
export interface Running {
  readonly shard: Shard;
  readonly ports: ExitPorts;
  /** null: the process starts, and none is open yet. */
  readonly doors: Entrances | null;
  readonly random: (bytes: number) => Uint8Array;
  readonly readTable: ReadTableFile;
  readonly elapsed: () => number;
}

/** Where records come in, as an edit sees it. */
export interface Entrances {
  /** Opens what another topology adds, aside. @throws RoundaboutError `port-in-use`, `cannot-listen` */
  prepare(before: Commitment, next: Commitment): Promise<EntranceChange>;
}

/** A change of entrances that can still be given up. */
export interface EntranceChange {
  undo(): Promise<void>;
  /** Closes those that go: in the log, before the change is. */
  closeRemoved(): void;
  /** The change is in force. */
  commit(): void;
}

const REASON = 'an edit of the file comes into force';

/**
 * Brings a topology that has been found valid into force.
 * @param allowReset operators whose state may go
 * @throws RoundaboutError `port-in-use`, `cannot-listen`, `file-unreadable`, `bad-table`; whatever the new graph
 *   throws when it is tried out. The flow then goes on as it was
 */
export async function reload(
  running: Running,
  topology: Topology,
  allowReset: ReadonlySet<string>,
): Promise<ReloadResult> {
  const { shard } = running;
  const before = shard.inForce;
  const { revision } = before;
  const edit = planEdit(running, topology, allowReset);
  if (edit === undefined) {
    await shard.load(readTables(before.plan, running.readTable, shard.hashSeed));
    return { kind: 'unchanged', revision };
  }
  const { next, changes } = edit;
  const early = edit.refusals();
  if (early.length > 0) return { kind: 'refused', revision, changes, refusals: early };
  const tables = readTables(next.plan, running.readTable, shard.hashSeed);
  const doors = running.doors && (await running.doors.prepare(before, next));
  try {
    await shard.prepare(next, tables);
    await shard.load(tables);
    const startedMs = running.elapsed();
    shard.gate.set(REASON, true);
    try {
      await shard.settled();
      // Now that nothing moves: what came while the change was prepared counts too.
      const refusals = edit.refusals();
      if (refusals.length > 0) {
        await doors?.undo();
        return { kind: 'refused', revision, changes, refusals };
      }
      doors?.closeRemoved();
      await shard.commit(next);
    } finally {
      shard.gate.set(REASON, false);
    }
    const pausedMs = running.elapsed() - startedMs;
    running.ports.update(next);
    doors?.commit();
    return { kind: 'committed', revision: shard.inForce.revision, changes, pausedMs };
  } catch (error) {
    if (shard.inForce === before) await doors?.undo();
    throw error;
  }
}

export interface Edit {
  readonly next: Commitment;
  readonly changes: readonly Change[];
  /** Why it cannot be done at this moment; empty: it can. */
  refusals(): readonly Refusal[];
}

/** What a topology would change. @returns undefined: nothing */
export function planEdit(
  { shard, doors, random }: Pick<Running, 'shard' | 'doors' | 'random'>,
  topology: Topology,
  allowReset: ReadonlySet<string>,
): Edit | undefined {
  const before = shard.inForce;
  const next = commitTo(topology, before, random);
  if (next.text === before.text) return undefined;
  const changes = changesOf(before, next);
  const refusals = (): readonly Refusal[] => [
    ...(doors === null ? [] : restartsOf(changes)),
    ...refusalsOf(changes, { after: topology, account: shard.account(), allowReset }),
    ...drainingAddresses(next, (exit) => shard.holds.get(exit)?.held ?? 0),
  ];
  return { next, changes, refusals };
}

/** What holds for the process as a whole cannot change while it runs. */
function restartsOf(changes: readonly Change[]): Refusal[] {
  return changes
    .filter(({ fate }) => fate === 'restart')
    .map(({ kind, name, details }) => ({
      rule: 'needs-restart',
      kind,
      name,
      message: `${details.join(', ')} cannot change while it runs`,
      hint: 'stop it and run it again',
    }));
}

/** A start whose file would lose something. @throws RoundaboutError `flow-changed` */
export function refuseStart(refusals: readonly Refusal[]): never {
  const lines = refusals.map(({ message, hint }) => `  ${message}\n    ${hint}`);
  throw new RoundaboutError(
    'flow-changed',
    `the file was edited since the last run, and something would be lost:\n${lines.join('\n')}`,
    {
      hint: 'or start anew with --fresh: the old state directory is set aside, not deleted',
    },
  );
}
