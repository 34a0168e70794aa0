/**
 * Lane log, engine and holds in one loop. An entry is appended, synced with its group, and only then
 * fed to the engine: the engine never sees what a crash could take back, so a hold is never ahead of
 * the log (I2, I3 of docs/durability.md) and a replay of the log gives the same holds.
 */
import type { Account } from '../engine/account.ts';
import type { BadRecord } from '../engine/bad-record.ts';
import { ENGINE_VERSION, Engine } from '../engine/engine.ts';
import type { Disk } from '../store/disk.ts';
import { DiskHold } from '../store/hold.ts';
import { LaneLog } from '../store/lane-log.ts';
import type { Log } from '../store/log.ts';
import { MemoryLog } from '../store/memory-log.ts';
import type { Entry, Id, LogEntry, Lsn } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Cancel, Clock, Journal } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { END, type Watermark } from '../stream/watermark.ts';
import type { Plan } from '../topology/plan.ts';
import { PressureGate } from './gate.ts';

/** Appended but not yet durable: four groups, so that one can be synced while others fill. */
const PENDING_BYTES_MAX = 4 * 1024 * 1024;
/** Encoded but not yet written at one exit. */
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;

export interface ShardOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  readonly pipelineId: string;
  /** Which process this is in the life of the state directory. */
  readonly epoch: number;
  readonly segmentBytes: number;
  readonly holdSegmentBytes: number;
  /** Random bytes, for salts. */
  readonly random: (bytes: number) => Uint8Array;
  /** Keep no log: `durability: memory`. */
  readonly forgetLog: boolean;
  readonly onFailure: (error: RoundaboutError) => void;
  /** A line was rejected while running (not at a replay). */
  readonly onBad?: (lane: string, record: BadRecord) => void;
}

export interface Recovered {
  readonly entries: number;
  readonly records: number;
  readonly bytes: number;
  /** Bytes of an unfinished group at the end, dropped. */
  readonly tornBytes: number;
  /** The newest commit in the log. */
  readonly revision: number;
  readonly text: string;
  /** The highest connection number in the log; none is ever used twice. */
  readonly connections: number;
  /** The highest run number of each vehicle. */
  readonly runs: ReadonlyMap<Id, number>;
  /** The versions of Node's parts that the last process ran with, if they differ from ours. */
  readonly otherVersions: string | undefined;
}

export class Shard implements Journal {
  readonly holds: ReadonlyMap<Id, DiskHold>;
  readonly gate = new PressureGate();
  readonly recovered: Recovered;
  readonly #options: ShardOptions;
  readonly #log: Log;
  readonly #engine: Engine;
  #cancelTick: Cancel = () => {};
  #tickAt: Micros = END;
  #tickPending = false;
  #waiting: { readonly to: Lsn; readonly done: () => void }[] = [];
  /** The engine has been fed everything before this. */
  #computed: Lsn = 0;
  #stopped = false;
  #revision: number;

  private constructor(
    options: ShardOptions,
    log: Log,
    engine: Engine,
    holds: ReadonlyMap<Id, DiskHold>,
    recovered: Recovered,
  ) {
    this.#options = options;
    this.#log = log;
    this.#engine = engine;
    this.holds = holds;
    this.recovered = recovered;
    this.#revision = recovered.revision;
  }

  /**
   * Opens log and holds and replays the log, with nothing from outside let in yet.
   * @param planFor gives the plan: from the canonical text of the log's first entry, or for a new log (undefined)
   * @throws RoundaboutError `data-damaged`, `replay-differs`, `older-engine`
   */
  static async open(
    options: ShardOptions,
    planFor: (committed: string | undefined) => { plan: Plan; text: string; hash: string },
  ): Promise<Shard> {
    const { disk, clock, folder, pipelineId } = options;
    const log = options.forgetLog
      ? new MemoryLog(clock)
      : await LaneLog.open({ ...options, folder: `${folder}/log` });
    const first = await log.first();
    const committed = first?.kind === 'commit' ? first.plan : undefined;
    if (first !== undefined && committed === undefined) {
      throw new RoundaboutError('data-damaged', 'the log does not begin with a topology');
    }
    const { plan, text, hash } = planFor(committed);
    const holds = new Map<Id, DiskHold>();
    for (const { id, stream } of [...plan.exits, plan.deadLetter]) {
      holds.set(
        id,
        await DiskHold.open({
          disk,
          clock,
          folder: `${folder}/holds/${id}`,
          pipelineId,
          exit: id,
          stream,
          segmentBytes: options.holdSegmentBytes,
          onFailure: options.onFailure,
        }),
      );
    }
    const replaying = { now: true };
    const engine = new Engine({
      plan,
      start: first?.at ?? clock.now(),
      holds,
      onBad: (lane, record) => {
        if (!replaying.now) options.onBad?.(lane, record);
      },
    });
    const replay = new Replay(engine);
    const evidence = Math.max(0, ...[...holds.values()].map((hold) => hold.evidence));
    const verify = async (): Promise<void> => {
      for (const hold of holds.values()) await hold.verify();
    };
    const result = await log.replay((entry) => replay.feed(entry), verify, evidence);
    for (const hold of holds.values()) await hold.endReplay();
    replaying.now = false;
    const records = engine.account().lanes.reduce((sum, lane) => sum + lane.records, 0);
    const recovered = { ...result, records, ...replay.found(text) };
    const shard = new Shard(options, log, engine, holds, recovered);
    shard.#begin(first === undefined, text, hash);
    return shard;
  }

  /** The committed topology that is in force. */
  get revision(): number {
    return this.#revision;
  }

  append(entry: Entry): LogEntry {
    const stamped = this.#log.append(entry);
    this.#press();
    return stamped;
  }

  /** Resolves when everything appended so far is durable, computed and written to the holds. */
  async settled(): Promise<void> {
    await this.#log.flush();
    await Promise.all([...this.holds.values()].map((hold) => hold.flush()));
  }

  /** Resolves when the entry at `lsn` is durable and computed. */
  computed(lsn: Lsn): Promise<void> {
    if (this.#computed > lsn) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ to: lsn, done }));
  }

  account(): Account {
    return this.#engine.account();
  }

  watermarks(): ReadonlyMap<string, Watermark> {
    return this.#engine.watermarks();
  }

  get plan(): Plan {
    return this.#engine.plan;
  }

  /** Bytes of log there are. */
  get logBytes(): number {
    return this.#log.storedBytes;
  }

  /** Everything durable, then closed. Nothing may be appended any more. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick();
    await this.settled();
    for (const hold of this.holds.values()) await hold.close();
    await this.#log.close();
  }

  #begin(isNew: boolean, text: string, hash: string): void {
    this.#log.start({
      onDurable: (entries) => this.#compute(entries),
      onFailure: this.#options.onFailure,
    });
    for (const hold of this.holds.values()) hold.onWritten(() => this.#press());
    if (isNew) this.append({ kind: 'commit', revision: 1, plan: text, hash });
    else if (text !== this.recovered.text) {
      // The same flow with other addresses, programs or descriptions: noted, so that ids stay known.
      this.#revision++;
      this.append({ kind: 'commit', revision: this.#revision, plan: text, hash });
    }
    const { v8, unicode } = process.versions;
    this.append({
      kind: 'restart',
      epoch: this.#options.epoch,
      engine: ENGINE_VERSION,
      v8,
      unicode: unicode ?? '',
    });
  }

  #compute(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      this.#engine.feed(entry);
      if (entry.kind === 'tick') this.#tickPending = false;
      this.#computed = entry.lsn + 1;
    }
    if (this.#waiting.length > 0) {
      const ready = this.#waiting.filter((waiting) => waiting.to < this.#computed);
      this.#waiting = this.#waiting.filter((waiting) => waiting.to >= this.#computed);
      for (const { done } of ready) done();
    }
    this.#press();
    this.#armTick();
  }

  /** Sees to it that a tick is appended when the engine has something due and nothing else comes. */
  #armTick(): void {
    if (this.#stopped || this.#tickPending) return;
    const due = this.#engine.due();
    if (due === this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = due;
    this.#cancelTick = () => {};
    if (due === END) return;
    this.#cancelTick = this.#options.clock.wake(due, () => {
      this.#tickAt = END;
      this.#tickPending = true;
      this.append({ kind: 'tick' });
    });
  }

  #press(): void {
    this.gate.set('the log is being written', this.#log.pendingBytes > PENDING_BYTES_MAX);
    let buffered = 0;
    for (const hold of this.holds.values()) buffered = Math.max(buffered, hold.bufferedBytes);
    this.gate.set('a hold is being written', buffered > BUFFERED_BYTES_MAX);
  }
}

/** Feeds a log to an engine and remembers what the log says of topologies and processes. */
class Replay {
  readonly #engine: Engine;
  #revision = 0;
  #text: string | undefined;
  #versions: { readonly v8: string; readonly unicode: string } | undefined;
  #connections = 0;
  readonly #runs = new Map<Id, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  feed(entry: LogEntry): void {
    if (entry.kind === 'commit') {
      this.#revision = entry.revision;
      this.#text = entry.plan;
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
  }

  found(text: string): Omit<Recovered, 'entries' | 'records' | 'bytes' | 'tornBytes'> {
    const { v8, unicode } = process.versions;
    const then = this.#versions;
    const same = then === undefined || (then.v8 === v8 && then.unicode === (unicode ?? ''));
    return {
      revision: Math.max(1, this.#revision),
      text: this.#text ?? text,
      connections: this.#connections,
      runs: this.#runs,
      otherVersions: same ? undefined : `V8 ${then.v8}, Unicode ${then.unicode}`,
    };
  }
}
