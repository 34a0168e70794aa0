/**
 * Lane log, engine and holds in one loop. An entry is appended, synced with its group, and only then
 * fed to the engine: the engine never sees what a crash could take back, so a hold is never ahead of
 * the log (I2, I3 of docs/durability.md) and a replay of the log gives the same holds.
 */
import type { Account } from '../engine/account.ts';
import type { BadRecord } from '../engine/bad-record.ts';
import { ENGINE_VERSION, Engine } from '../engine/engine.ts';
import type { LoadedTable, TableContent } from '../engine/tables.ts';
import type { Disk } from '../store/disk.ts';
import type { DiskHold } from '../store/hold.ts';
import { chunkBytesMax, LaneLog } from '../store/lane-log.ts';
import type { Log } from '../store/log.ts';
import { MemoryLog } from '../store/memory-log.ts';
import type { Entry, Id, LogEntry, Lsn, Refusal } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Cancel, Clock, Gate, Journal, Sequence } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { END, type Watermark } from '../stream/watermark.ts';
import type { LanePlan, Plan } from '../topology/plan.ts';
import { Bounded } from './bounded.ts';
import { type Commitment, committed } from './commitment.ts';
import { PressureGate } from './gate.ts';
import { Holds } from './holds.ts';
import { type InForce, Replay, type ReplayFacts } from './replay.ts';
import { Samples, tryOut } from './trial.ts';

/** Appended but not yet durable: four groups, so that one can be synced while others fill. */
const PENDING_BYTES_MAX = 4 * 1024 * 1024;
/** Of a message that goes to the dead letter the log keeps this much, as the dead letter does. */
const MOVED_BYTES_MAX = 64 * 1024;
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
  /** Where the hashes of the engine's tables begin; no result depends on it. */
  readonly hashSeed: number;
  /** Keep no log: `durability: memory`. */
  readonly forgetLog: boolean;
  readonly onFailure: (error: RoundaboutError) => void;
  /** A line was rejected while running (not at a replay). */
  readonly onBad?: (lane: LanePlan, record: BadRecord) => void;
}

export interface Recovered extends ReplayFacts {
  readonly entries: number;
  readonly records: number;
  readonly bytes: number;
  /** Bytes of an unfinished group at the end, dropped. */
  readonly tornBytes: number;
}

export class Shard implements Journal {
  readonly gate = new PressureGate();
  readonly recovered: Recovered;
  readonly #options: ShardOptions;
  readonly #log: Log;
  readonly #engine: Engine;
  readonly #holds: Holds;
  readonly #bounded: Bounded;
  readonly #samples = new Samples();
  readonly #writtenCalls = new Set<() => void>();
  readonly #onWritten = (): void => {
    this.#press();
    for (const call of this.#writtenCalls) call();
  };
  #cancelTick: Cancel = () => {};
  #tickAt: Micros = END;
  #tickPending = false;
  #waiting: { readonly to: Lsn; readonly done: () => void }[] = [];
  /** The engine has been fed everything before this. */
  #computed: Lsn = 0;
  #stopped = false;
  /** Messages on their way from full holds to the dead letter. */
  readonly #redirects = new Set<Promise<void>>();
  #inForce: InForce;
  /** Appended, not yet computed. */
  #coming: Commitment | undefined;

  private constructor(
    options: ShardOptions,
    parts: { readonly log: Log; readonly engine: Engine; readonly holds: Holds },
    inForce: InForce,
    recovered: Recovered,
  ) {
    this.#options = options;
    this.#log = parts.log;
    this.#engine = parts.engine;
    this.#holds = parts.holds;
    this.#bounded = new Bounded({
      holds: parts.holds.all,
      gate: this.gate,
      redirect: (...message) => {
        const done = this.redirect(...message);
        this.#redirects.add(done);
        return done.then(() => {
          this.#redirects.delete(done);
        });
      },
    });
    this.#inForce = inForce;
    this.recovered = recovered;
  }

  /**
   * Opens log and holds and replays the log, under each plan that was in force, with nothing from outside let
   * in yet.
   * @param initial what a new log begins with
   * @throws RoundaboutError `data-damaged`, `replay-differs`, `older-engine`
   */
  static async open(options: ShardOptions, initial: () => Commitment): Promise<Shard> {
    const { clock, folder } = options;
    const log = options.forgetLog
      ? new MemoryLog(clock)
      : await LaneLog.open({ ...options, folder: `${folder}/log` });
    const first = await log.first();
    if (first !== undefined && first.kind !== 'commit') {
      throw new RoundaboutError('data-damaged', 'the log does not begin with a topology');
    }
    const began = first === undefined ? initial() : committed(first.plan);
    const holds = await Holds.open(options);
    await holds.add(began.plan);
    const replaying = { now: true };
    const engine = new Engine({
      plan: began.plan,
      start: first?.at ?? clock.now(),
      holds: holds.all,
      seed: options.hashSeed,
      onBad: (lane, record) => {
        if (!replaying.now) options.onBad?.(lane, record);
      },
    });
    const replay = new Replay(engine, holds, began);
    const verify = async (): Promise<void> => {
      for (const hold of holds.all.values()) await hold.verify();
    };
    const result = await log.replay((entry) => replay.feed(entry), verify, holds.evidence);
    for (const hold of holds.all.values()) await hold.endReplay();
    replaying.now = false;
    const records = engine.account().lanes.reduce((sum, lane) => sum + lane.records, 0);
    const recovered = { ...result, records, ...replay.found };
    const shard = new Shard(options, { log, engine, holds }, replay.inForce, recovered);
    shard.#begin(first === undefined);
    return shard;
  }

  /** By id of the exit; also of exits that are gone from the file. */
  get holds(): ReadonlyMap<Id, DiskHold> {
    return this.#holds.all;
  }

  /** The committed topology that is in force, with its number. */
  get inForce(): InForce {
    return this.#inForce;
  }

  /** Calls after each write to a hold, also of exits that come later. */
  onWritten(call: () => void): Cancel {
    this.#writtenCalls.add(call);
    return () => this.#writtenCalls.delete(call);
  }

  /**
   * Does all of a change that can fail: opens the holds it adds, and tries the new graph out on what lanes
   * brought last. Nothing has happened until `commit`.
   * @param tables what the files of all its tables say
   */
  async prepare(next: Commitment, tables: readonly TableContent[] = []): Promise<void> {
    await this.#holds.add(next.plan);
    for (const hold of this.#holds.all.values()) hold.onWritten(this.#onWritten);
    tryOut(next.plan, this.#samples, tables, this.#options.clock.now());
  }

  /** Puts a prepared change into the log. Resolves when it is durable and in force. */
  async commit(next: Commitment): Promise<void> {
    this.#coming = next;
    this.append({
      kind: 'commit',
      revision: this.#inForce.revision + 1,
      plan: next.text,
      hash: next.hash,
    });
    // A flush does not wait for the pace of small groups: lanes are not read meanwhile.
    await this.#log.flush();
  }

  /**
   * Loads what the files of tables say, where they have something else. Those of a plan that is to be committed
   * must be loaded before that: until then they change nothing.
   * @returns resolves when all of it is durable, and records that come then meet it
   */
  async load(tables: readonly TableContent[]): Promise<void> {
    for (const content of tables) {
      if (this.tables.get(content.table)?.hash === content.hash) continue;
      this.#engine.expect(content);
      this.#appendContent(content);
      await this.#log.flush();
    }
  }

  /** Where hashes of keys begin in this process. */
  get hashSeed(): number {
    return this.#options.hashSeed;
  }

  /** The tables of the plan in force, by id. */
  get tables(): ReadonlyMap<Id, LoadedTable> {
    return this.#engine.tables;
  }

  append(entry: Entry): LogEntry {
    const stamped = this.#log.append(entry);
    this.#press();
    return stamped;
  }

  /**
   * Makes a dead letter of a message and settles it at its exit. The log has it first, so that a crash
   * before, between or after the two leaves neither none of it nor two.
   * @returns resolves when both are done
   */
  redirect(exit: Id, sequence: Sequence, refusal: Refusal, message: Uint8Array): Promise<void> {
    const most = Math.min(MOVED_BYTES_MAX, chunkBytesMax(this.#options.segmentBytes));
    const bytes = message.subarray(0, most);
    const { length: size } = message;
    const entry = this.append({ kind: 'redirect', exit, sequence, ...refusal, bytes, size });
    return this.computed(entry.lsn);
  }

  /** Whether a lane may be read. */
  gateOf(lane: Id): Gate {
    return this.#bounded.gateOf(lane);
  }

  /** Why a lane is not read though others may be, in words; empty: nothing keeps it. */
  stopping(lane: Id): readonly string[] {
    return this.#bounded.reasons(lane);
  }

  /** Resolves when everything appended so far is durable, computed and written to the holds. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#log.flush();
      await Promise.all([...this.holds.values()].map((hold) => hold.flush()));
      // What a full hold has redirected meanwhile is appended now, too.
      if (this.#stopped || this.#redirects.size === 0) return;
      await this.#log.flush();
      await Promise.all(this.#redirects);
    }
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

  /** How many records each stream has carried under the plan in force, by its name. */
  carried(): ReadonlyMap<string, number> {
    return this.#engine.carried();
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
    for (const hold of this.holds.values()) hold.stopKeeping();
    await this.settled();
    for (const hold of this.holds.values()) await hold.close();
    await this.#log.close();
  }

  #begin(isNew: boolean): void {
    this.#log.start({
      onDurable: (entries) => this.#compute(entries),
      onFailure: this.#options.onFailure,
    });
    for (const hold of this.holds.values()) hold.onWritten(this.#onWritten);
    if (isNew) {
      const { revision, text, hash } = this.#inForce;
      this.append({ kind: 'commit', revision, plan: text, hash });
    }
    const { v8, unicode } = process.versions;
    this.append({
      kind: 'restart',
      epoch: this.#options.epoch,
      engine: ENGINE_VERSION,
      v8,
      unicode: unicode ?? '',
    });
    this.#bounded.enforce(this.#inForce);
  }

  /** In one go, so that nothing comes between its pieces. */
  #appendContent({ table, hash, bytes }: TableContent): void {
    const { length: size } = bytes;
    const most = chunkBytesMax(this.#options.segmentBytes);
    for (let offset = 0; offset < size || offset === 0; offset += most) {
      const piece = bytes.subarray(offset, offset + most);
      this.append({ kind: 'lookup', table, hash, size, offset, bytes: piece });
    }
  }

  #compute(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'commit') this.#enforce(entry);
      this.#engine.feed(entry);
      if (entry.kind === 'tick') this.#tickPending = false;
      if (entry.kind === 'redirect') this.#holds.settleMoved(entry);
      this.#computed = entry.lsn + 1;
    }
    if (this.#waiting.length > 0) {
      const ready = this.#waiting.filter((waiting) => waiting.to < this.#computed);
      this.#waiting = this.#waiting.filter((waiting) => waiting.to >= this.#computed);
      for (const { done } of ready) done();
    }
    this.#samples.take(entries, this.#options.clock.elapsed());
    this.#press();
    this.#armTick();
  }

  #enforce({ revision, at }: LogEntry & { readonly kind: 'commit' }): void {
    const next = this.#coming;
    if (revision === this.#inForce.revision || next === undefined) return;
    this.#coming = undefined;
    this.#engine.rewire(next.plan, at);
    this.#inForce = { ...next, revision };
    this.#bounded.enforce(next);
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
