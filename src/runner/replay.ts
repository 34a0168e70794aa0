/** A log fed to an engine, under each plan it names in turn, and what it says of the processes that wrote it. */
import { ENGINE_VERSION, type Engine } from '../engine/engine.ts';
import type { Id, LogEntry, RunOutcome } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING } from '../stream/watermark.ts';
import { type Commitment, committed } from './commitment.ts';
import type { Holds } from './holds.ts';

/** A committed topology that is in force. */
export interface InForce extends Commitment {
  /** Counts the commits of the log, from 1. */
  readonly revision: number;
}

/** What the log says of the runs of a vehicle. */
export interface VehicleHistory {
  /** The highest; 0: it has had none. */
  readonly run: number;
  /** How that ended; null: it did not. */
  readonly outcome: RunOutcome | null;
  /** When that was meant to begin; null: no schedule said so. */
  readonly planned: Micros | null;
  /** No due time up to here is to begin a run any more: one has, or went on at that time. */
  readonly done: Micros;
  /** The schedule that was in force last, and since when it was; null: none was. */
  readonly schedule: {
    readonly cron: string;
    readonly timezone: string;
    readonly since: Micros;
  } | null;
}

export const NO_HISTORY: VehicleHistory = {
  run: 0,
  outcome: null,
  planned: null,
  done: BEGINNING,
  schedule: null,
};

export interface ReplayFacts {
  /** The highest connection number in the log; none is ever used twice. */
  readonly connections: number;
  readonly vehicles: ReadonlyMap<Id, VehicleHistory>;
  /** The versions of Node's parts that the last process ran with, if they differ from ours. */
  readonly otherVersions: string | undefined;
}

export class Replay {
  inForce: InForce;
  readonly #engine: Engine;
  readonly #holds: Holds;
  #versions: { readonly v8: string; readonly unicode: string } | undefined;
  #connections = 0;
  readonly #vehicles = new Map<Id, VehicleHistory>();

  constructor(engine: Engine, holds: Holds, began: Commitment) {
    this.#engine = engine;
    this.#holds = holds;
    this.inForce = { ...began, revision: 1 };
  }

  feed(entry: LogEntry): void {
    if (entry.kind === 'commit') {
      if (entry.revision > this.inForce.revision) {
        const next = committed(entry.plan);
        this.#holds.expect(next.plan);
        this.#engine.rewire(next.plan, entry.at);
        this.inForce = { ...next, revision: entry.revision };
      }
      this.#noteSchedules(entry.at);
    } else if (entry.kind === 'restart') {
      if (entry.engine !== ENGINE_VERSION) {
        throw new RoundaboutError(
          'older-engine',
          `the log was written by engine ${entry.engine}; this is engine ${ENGINE_VERSION}`,
          { hint: 'stop it cleanly with the version that wrote it, or start anew with --fresh' },
        );
      }
      this.#versions = entry;
    } else if (entry.kind === 'opened') {
      this.#connections = Math.max(this.#connections, entry.connection);
    } else if (entry.kind === 'run') {
      this.#noteRun(entry);
    }
    this.#engine.feed(entry);
    if (entry.kind === 'redirect') this.#holds.settleMoved(entry);
  }

  #historyOf(vehicle: Id): VehicleHistory {
    return this.#vehicles.get(vehicle) ?? NO_HISTORY;
  }

  #noteRun(entry: Extract<LogEntry, { kind: 'run' }>): void {
    const { vehicle, run, phase, outcome, planned, at } = entry;
    const before = this.#historyOf(vehicle);
    const done = Math.max(before.done, phase === 'began' ? (planned ?? BEGINNING) : at);
    const of = phase === 'began' ? { run, planned } : {};
    this.#vehicles.set(vehicle, { ...before, ...of, outcome, done });
  }

  #noteSchedules(at: Micros): void {
    const { topology, ids } = this.inForce;
    for (const { name, schedule } of topology.vehicles.values()) {
      const id = ids.vehicles.get(name) ?? 0;
      const history = this.#historyOf(id);
      const { cron, timezone } = history.schedule ?? {};
      if (schedule?.cron === cron && schedule?.timezone === timezone) continue;
      const now = schedule && { cron: schedule.cron, timezone: schedule.timezone, since: at };
      this.#vehicles.set(id, { ...history, schedule: now });
    }
  }

  get found(): ReplayFacts {
    const { v8, unicode } = process.versions;
    const then = this.#versions;
    const same = then === undefined || (then.v8 === v8 && then.unicode === (unicode ?? ''));
    return {
      connections: this.#connections,
      vehicles: this.#vehicles,
      otherVersions: same ? undefined : `V8 ${then.v8}, Unicode ${then.unicode}`,
    };
  }
}
