/** A log fed to an engine, under each plan it names in turn, and what it says of the processes that wrote it. */
import { ENGINE_VERSION, type Engine } from '../engine/engine.ts';
import type { Id, LogEntry } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import { type Commitment, committed } from './commitment.ts';
import type { Holds } from './holds.ts';

/** A committed topology that is in force. */
export interface InForce extends Commitment {
  /** Counts the commits of the log, from 1. */
  readonly revision: number;
}

export interface ReplayFacts {
  /** The highest connection number in the log; none is ever used twice. */
  readonly connections: number;
  /** The highest run number of each vehicle. */
  readonly runs: ReadonlyMap<Id, number>;
  /** The versions of Node's parts that the last process ran with, if they differ from ours. */
  readonly otherVersions: string | undefined;
}

export class Replay {
  inForce: InForce;
  readonly #engine: Engine;
  readonly #holds: Holds;
  #versions: { readonly v8: string; readonly unicode: string } | undefined;
  #connections = 0;
  readonly #runs = new Map<Id, number>();

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
      this.#runs.set(entry.vehicle, Math.max(this.#runs.get(entry.vehicle) ?? 0, entry.run));
    }
    this.#engine.feed(entry);
    if (entry.kind === 'redirect') this.#holds.settleMoved(entry);
  }

  get found(): ReplayFacts {
    const { v8, unicode } = process.versions;
    const then = this.#versions;
    const same = then === undefined || (then.v8 === v8 && then.unicode === (unicode ?? ''));
    return {
      connections: this.#connections,
      runs: this.#runs,
      otherVersions: same ? undefined : `V8 ${then.v8}, Unicode ${then.unicode}`,
    };
  }
}
