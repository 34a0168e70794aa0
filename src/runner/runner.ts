/**
 * The composition root: opens state, shard, exits, lanes and vehicles in an order in which each finds
 * what it needs, and stops them in one in which nothing is lost. It computes nothing.
 */
import { randomBytes } from 'node:crypto';
import { type AmqpListener, openAmqpListener } from '../amqp/listener.ts';
import { Users } from '../amqp/users.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Lane } from '../lanes/lane.ts';
import type { Reading } from '../rules/validate.ts';
import { chunkBytesMax } from '../store/lane-log.ts';
import { storageError } from '../store/storage-error.ts';
import type { RoundaboutError } from '../stream/error.ts';
import type { Clock, Notify } from '../stream/port.ts';
import type { Topology } from '../topology/topology.ts';
import { BadRecords } from './bad-records.ts';
import { commitTo } from './commitment.ts';
import { type Control, openControl } from './control.ts';
import { DiskSpace } from './disk-space.ts';
import { type Doors, openDoors } from './doors.ts';
import { editFile } from './edit.ts';
import { exitsStatus, lanesStatus } from './element-status.ts';
import { ExitPorts } from './exit-ports.ts';
import { FollowedTables } from './followed-tables.ts';
import { planEdit, type ReloadResult, type Running, refuseStart, reload } from './reload.ts';
import { secretsOf } from './secrets-of.ts';
import { Shard } from './shard.ts';
import { openStateDir, type StateDir } from './state-dir.ts';
import type { Status } from './status.ts';
import { readTables, tableFiles } from './tables.ts';
import type { Vehicles } from './vehicles.ts';

/** Large enough that a segment change is rare, small enough that one is freed soon. */
const LOG_SEGMENT_BYTES = 64 * 1024 * 1024;
/** Held messages are freed a segment at a time. */
const HOLD_SEGMENT_BYTES = 16 * 1024 * 1024;
/** What open connections, programs and receivers are each given to end by themselves. */
const GRACE_MS = 5000;
/** The growth of the log is an average over at least this long. */
const GROWTH_SPAN_MS = 5000;

export interface RunnerOptions {
  readonly version: string;
  readonly topology: Topology;
  /** The file as the person named it. */
  readonly file: string;
  /** The folder of the file: vehicles start there. */
  readonly base: string;
  readonly stateDir: string;
  readonly fresh: boolean;
  /** It ends when its input has, so a vehicle that fails is not started again for ever. */
  readonly bounded: boolean;
  /** Operators whose state may go if the file was edited since the last run. */
  readonly allowReset: ReadonlySet<string>;
  /** What flags of the command line put in the place of what a file says. */
  readonly override: (topology: Topology) => Topology;
  /** How the file is read again. */
  readonly reading?: Reading;
  readonly clock: Clock;
  readonly notify: Notify;
  /** A line of a vehicle's output. */
  readonly onOutput: (vehicle: string, line: string) => void;
  /** The storage has failed, or a defect was found: the process must end. */
  readonly onFailure: (error: RoundaboutError) => void;
  /** The flow asks to be stopped in order, as the error says. Comes at most once. */
  readonly onStop: (error: RoundaboutError) => void;
}

interface Parts {
  readonly state: StateDir;
  readonly shard: Shard;
  readonly listener: AmqpListener;
  readonly users: Users;
  readonly doors: Doors;
  readonly ports: ExitPorts;
  readonly space: DiskSpace;
  readonly replaySeconds: number;
  /** What an edit of the file between the last run and this one has done. */
  readonly startChange: ReloadResult;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #parts: Parts;
  readonly #startedMs: number;
  #control: Control | undefined;
  #growth: { ms: number; bytes: number; perSecond: number };
  #stopping: Promise<void> | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  readonly #tables: FollowedTables;

  private constructor(options: RunnerOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#startedMs = options.clock.elapsed();
    this.#growth = { ms: this.#startedMs, bytes: parts.shard.logBytes, perSecond: 0 };
    const inTurn = (load: () => Promise<void>): Promise<void> => this.#inTurn(load);
    this.#tables = new FollowedTables({ ...options, shard: parts.shard, inTurn });
  }

  /**
   * Opens everything but the vehicles' programs. What was opened is closed again if a later step fails.
   * @throws RoundaboutError `port-in-use`, `state-locked`, `flow-changed`, `data-damaged`, ...
   */
  static async open(options: RunnerOptions): Promise<Runner> {
    const undo: (() => Promise<void>)[] = [];
    try {
      const runner = new Runner(options, await openParts(options, undo));
      const { stateDir, topology } = options;
      if (topology.state.durability === 'disk') {
        const { pipelineId } = runner.#parts.state;
        runner.#control = await openControl(stateDir, pipelineId, {
          status: () => runner.status(),
          edit: (request) => editFile(runner, options, request),
        });
      }
      runner.#tables.update(runner.shard.plan);
      return runner;
    } catch (error) {
      for (const close of undo.reverse()) await close();
      throw error;
    }
  }

  /** The one in force. */
  get topology(): Topology {
    return this.#parts.shard.inForce.topology;
  }

  /** What an edit of the file between the last run and this one has done. */
  get startChange(): ReloadResult {
    return this.#parts.startChange;
  }

  /**
   * What an edited topology would do now, and what stands in its way.
   * @throws RoundaboutError `file-unreadable`, `bad-table`
   */
  plan(topology: Topology, allowReset: ReadonlySet<string>): ReloadResult {
    const { shard, doors } = this.#parts;
    const { revision } = shard.inForce;
    const edit = planEdit({ shard, doors, random: randomBytes }, topology, allowReset);
    if (edit === undefined) return { kind: 'unchanged', revision };
    const { changes, next } = edit;
    readTables(next.plan, tableFiles(this.#options.base), shard.hashSeed);
    const refusals = edit.refusals();
    return refusals.length > 0
      ? { kind: 'refused', revision, changes, refusals }
      : { kind: 'planned', revision, changes };
  }

  /**
   * Brings an edited topology into force, after any edit before it.
   * @throws see `reload`: the flow then goes on as it was
   */
  reload(topology: Topology, allowReset: ReadonlySet<string>): Promise<ReloadResult> {
    const { clock, base } = this.#options;
    const running = {
      ...this.#parts,
      random: randomBytes,
      readTable: tableFiles(base),
      elapsed: () => clock.elapsed(),
    };
    return this.#inTurn(async () => {
      const result = await reload(running, topology, allowReset);
      // A secret may have changed where it is kept, though the file says the same.
      if (result.kind !== 'refused') this.#parts.users.update(secretsOf(topology));
      if (result.kind === 'committed') this.#parts.listener.review();
      this.#tables.update(this.#parts.shard.plan);
      return result;
    });
  }

  /** After all that changes the flow and was asked for before. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#reloading.then(change);
    this.#reloading = done.catch(() => {});
    return done;
  }

  get vehicles(): Vehicles {
    return this.#parts.doors.vehicles;
  }

  get shard(): Shard {
    return this.#parts.shard;
  }

  get lanes(): ReadonlyMap<string, Lane> {
    return this.#parts.doors.lanes;
  }

  /** A link is or was attached to the exit since the start. */
  everAttached(exit: string): boolean {
    return this.#parts.listener.everAttached(exit);
  }

  /** The end of all input: every lane's time goes to infinity, and all windows close. */
  async closeInput(): Promise<void> {
    const { doors, shard } = this.#parts;
    doors.vehicles.closeInput();
    await Promise.all([...doors.lanes.values()].map((lane) => lane.stop(GRACE_MS)));
    for (const { id } of shard.plan.lanes) shard.append({ kind: 'close', lane: id });
    await shard.settled();
  }

  /** Stops in order: no new input, what came is computed and durable, receivers settle, all closes. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { doors, shard, listener, space, state } = this.#parts;
    const { lanes, vehicles } = doors;
    space.close();
    await this.#tables.close();
    await this.#reloading;
    // Lanes first would make a program see its connection refused; both end together.
    await Promise.all([vehicles.stop(), ...[...lanes.values()].map((lane) => lane.stop(GRACE_MS))]);
    await shard.settled();
    await listener.close(GRACE_MS);
    await this.#control?.close();
    await shard.close();
    await state.close();
  }

  status(): Status {
    const { options, parts } = { options: this.#options, parts: this.#parts };
    const { shard, listener } = parts;
    const { host, port } = listener.address;
    const records = shard.recovered.records;
    return {
      roundabout: options.version,
      name: this.topology.name,
      file: options.file,
      revision: shard.inForce.revision,
      stateDir: options.stateDir,
      durability: options.topology.state.durability,
      pid: process.pid,
      upSeconds: (options.clock.elapsed() - this.#startedMs) / 1000,
      amqp: `${host}:${port}`,
      lanes: lanesStatus(this.topology, parts),
      vehicles: parts.doors.vehicles.status(),
      exits: exitsStatus(parts),
      account: shard.account(),
      log: { bytes: shard.logBytes, bytesPerSecond: this.#logGrowth() },
      pressure: shard.gate.reasons,
      recovered: {
        records,
        seconds: parts.replaySeconds,
        tornBytes: shard.recovered.tornBytes,
        resumed: shard.recovered.entries > 0,
      },
    };
  }

  #logGrowth(): number {
    const ms = this.#options.clock.elapsed();
    const bytes = this.#parts.shard.logBytes;
    if (ms - this.#growth.ms >= GROWTH_SPAN_MS) {
      const perSecond = ((bytes - this.#growth.bytes) * 1000) / (ms - this.#growth.ms);
      this.#growth = { ms, bytes, perSecond };
    }
    return this.#growth.perSecond;
  }
}

/** Opens the parts in order; `undo` closes those that were opened, last first. */
async function openParts(options: RunnerOptions, undo: (() => Promise<void>)[]): Promise<Parts> {
  const { topology, clock } = options;
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const state = await openStateDir({ ...options, durability: topology.state.durability, random });
  undo.push(() => state.close());
  const began = clock.elapsed();
  const bad = new BadRecords(options);
  const shard = await openShard(options, state, random, bad);
  undo.push(() => shard.close());
  const replaySeconds = (clock.elapsed() - began) / 1000;
  await shard.settled();
  const ports = new ExitPorts(shard);
  const readTable = tableFiles(options.base);
  const starting = { shard, ports, doors: null, random, readTable, elapsed: () => clock.elapsed() };
  const startChange = await catchUp(starting, options);
  ports.update(shard.inForce);
  // Before the lanes open: on a disk that is nearly full not one line is read.
  const space = new DiskSpace(state.disk, state.folder, clock, shard.gate);
  await space.watch();
  undo.push(async () => space.close());
  const users = new Users(clock);
  users.update(secretsOf(topology));
  const listener = await openListener(options, ports, users);
  undo.push(() => listener.close(0));
  const doors = openDoors(options, shard, listener.address, chunkBytesMax(LOG_SEGMENT_BYTES));
  bad.lanes = doors.lanes;
  for (const lane of topology.lanes.values()) {
    const opened = await doors.open(lane, shard.inForce.ids.lanes.get(lane.name) ?? 0);
    undo.push(() => opened.stop(0));
    doors.lanes.set(lane.name, opened);
    opened.start();
  }
  return { state, shard, listener, users, doors, ports, space, replaySeconds, startChange };
}

function openShard(
  options: RunnerOptions,
  state: StateDir,
  random: (bytes: number) => Uint8Array,
  bad: BadRecords,
): Promise<Shard> {
  const { topology, clock, onFailure } = options;
  const inMemory = topology.state.durability === 'memory';
  return Shard.open(
    {
      disk: state.disk,
      clock,
      folder: state.folder,
      pipelineId: state.pipelineId,
      epoch: state.epoch,
      segmentBytes: LOG_SEGMENT_BYTES,
      holdSegmentBytes: HOLD_SEGMENT_BYTES,
      random,
      hashSeed: randomBytes(4).readInt32LE(),
      forgetLog: inMemory,
      onFailure,
      onBad: bad.take,
    },
    () => commitTo(topology, undefined, random),
  );
}

/** The file may have been edited while nothing ran: then it comes into force as an edit of the running flow would. */
async function catchUp(running: Running, options: RunnerOptions): Promise<ReloadResult> {
  const result = await reload(running, options.topology, options.allowReset);
  if (result.kind === 'refused') refuseStart(result.refusals);
  return result;
}

function openListener(
  options: RunnerOptions,
  ports: ExitPorts,
  users: Users,
): Promise<AmqpListener> {
  const { topology, clock, notify } = options;
  return openAmqpListener({
    ...topology.amqp.listen,
    maxFrame: 65_536,
    clock,
    notify,
    exits: () => ports.list(),
    suggest: nearest,
    users,
    fail: (error) => options.onFailure(storageError(options.stateDir, error)),
  });
}
