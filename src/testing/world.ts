/**
 * A flow in virtual time: the shard that `run` opens, and the edits that `run` makes, on a disk in memory and
 * a clock that is moved by hand. No socket, no program, no file but those of tables. After each call everything that it causes has
 * been computed and is held.
 *
 * What is fed here is what vehicles would have sent: connections are opened and closed in the log as lanes do.
 */
import type { Account } from '../engine/account.ts';
import type { BadRecord } from '../engine/bad-record.ts';
import { type Commitment, commitTo } from '../runner/commitment.ts';
import { ExitPorts } from '../runner/exit-ports.ts';
import { type Entrances, type ReloadResult, reload } from '../runner/reload.ts';
import { Shard } from '../runner/shard.ts';
import { type ReadTableFile, readTables } from '../runner/tables.ts';
import type { Disk } from '../store/disk.ts';
import { chunkBytesMax } from '../store/lane-log.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { ManualClock } from '../stream/clock.ts';
import type { ConnectionEnd, Id } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import { MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import type { Watermark } from '../stream/watermark.ts';
import type { LanePlan } from '../topology/plan.ts';
import type { Lane, Topology, Vehicle } from '../topology/topology.ts';
import { firstLineOf } from './csv-line.ts';

/** The state directory of a world on its disk. */
export const FOLDER = 'test';
export const PIPELINE_ID = '00000000000000000000000000000001';
/** Blocks of memory, taken as they are written: no segment change within any test of a usual size. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;
/** As a socket reads at once at most; results do not depend on it. */
const CHUNK_BYTES = Math.min(64 * 1024, chunkBytesMax(SEGMENT_BYTES));

/** Silence is judged at whole seconds. */
const LEAD = MICROS_PER_SECOND;

export interface WorldOptions {
  readonly topology: Topology;
  readonly start: Micros;
  /** Where it keeps log and holds; in memory unless someone wants to see them. */
  readonly disk?: Disk;
  /** Reads the file of a table. @throws RoundaboutError `file-unreadable` */
  readonly readTable?: ReadTableFile;
  /** Keep nothing of the log once it has been computed: nothing is restarted. */
  readonly forgetLog?: boolean;
}

/** What outlives a process: its disk and the time; and what each process is given. */
class Ground {
  readonly clock: ManualClock;
  failure: RoundaboutError | undefined;
  /** A line was rejected. */
  onBad: (lane: LanePlan, record: BadRecord) => void = () => {};
  readonly #options: WorldOptions;
  readonly #disk: Disk;
  #epoch = 0;
  #random = 0;

  constructor(options: WorldOptions, opened: Micros) {
    this.#options = options;
    this.#disk = options.disk ?? new MemoryDisk();
    this.clock = new ManualClock(opened);
  }

  /** Never the same twice in a world, and the same in every world. */
  readonly random = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(0, ++this.#random);
    return bytes;
  };

  async openShard(): Promise<Shard> {
    const { topology, forgetLog = false } = this.#options;
    this.#epoch++;
    const shard = await Shard.open(
      {
        disk: this.#disk,
        clock: this.clock,
        folder: FOLDER,
        pipelineId: PIPELINE_ID,
        epoch: this.#epoch,
        segmentBytes: SEGMENT_BYTES,
        holdSegmentBytes: SEGMENT_BYTES,
        random: this.random,
        hashSeed: this.#epoch,
        forgetLog,
        onFailure: (error) => {
          this.failure ??= error;
        },
        onBad: (lane, record) => this.onBad(lane, record),
      },
      () => commitTo(topology, undefined, this.random),
    );
    await shard.settled();
    await shard.load(readTables(shard.plan, this.readTable, shard.hashSeed));
    return shard;
  }

  get readTable(): ReadTableFile {
    return this.#options.readTable ?? noFile;
  }
}

/** For flows without tables, and so without files. */
function noFile(file: string): never {
  throw new RoundaboutError('file-unreadable', `${file}: there are no files here`);
}

export class World {
  readonly #ground: Ground;
  #shard: Shard;
  #connection = 0;
  /** Open connections, by lane. */
  readonly #connections = new Map<Id, number>();
  /** By lane: what has come first over its connection, a line that is not empty. */
  readonly #firstLines = new Map<Id, Uint8Array>();
  /** By lane: what has come and is not read yet. */
  readonly #unread = new Map<Id, readonly Uint8Array[]>();
  /** The run of each vehicle that `run` would start; of one that has left, negative. */
  readonly #runs = new Map<Id, number>();
  /** What streams carried under plans before the one in force. */
  readonly #carried = new Map<string, number>();

  private constructor(ground: Ground, shard: Shard) {
    this.#ground = ground;
    this.#shard = shard;
    ground.onBad = ({ id, badRecord }, { connection }) => {
      if (badRecord !== 'close' || this.#connections.get(id) !== connection) return;
      this.#close(id, 'refused');
    };
  }

  /**
   * Opens a flow whose lanes are all connected, but for those of scheduled vehicles: a little before its start, as
   * vehicles are there before they bring anything. The silence of a lane that brings nothing is then older than that of one that does.
   */
  static async open(options: WorldOptions): Promise<World> {
    const ground = new Ground(options, Math.max(0, options.start - LEAD));
    const world = new World(ground, await ground.openShard());
    for (const { name, schedule } of options.topology.vehicles.values()) {
      if (schedule === null) world.connect(name);
    }
    await world.advance(options.start - world.now);
    return world;
  }

  get shard(): Shard {
    return this.#shard;
  }

  get now(): Micros {
    return this.#ground.clock.now();
  }

  /** The one in force. */
  get topology(): Topology {
    return this.#shard.inForce.topology;
  }

  account(): Account {
    return this.#shard.account();
  }

  /** Of each lane, by name. */
  watermarks(): ReadonlyMap<string, Watermark> {
    return this.#shard.watermarks();
  }

  /** How many records each stream has carried since the beginning, by name. */
  carried(): ReadonlyMap<string, number> {
    const all = new Map(this.#carried);
    for (const [stream, records] of this.#shard.carried()) {
      all.set(stream, (all.get(stream) ?? 0) + records);
    }
    return all;
  }

  /**
   * Bytes as a vehicle sends them, over a connection that is opened if there is none. On a lane of a
   * scheduled vehicle they open a run. They wait where a socket has them while the lane is not read, because an exit
   * behind it is full.
   */
  feed(lane: string, bytes: Uint8Array): void {
    const id = this.#laneId(lane);
    const first = this.#firstLines.get(id) ?? firstLineOf(bytes);
    if (first !== undefined) this.#firstLines.set(id, first);
    const owner = this.topology.lanes.get(lane)?.vehicle ?? '';
    if (this.topology.vehicles.get(owner)?.schedule != null) this.connect(owner);
    const unread = this.#unread.get(id);
    const waits = unread !== undefined || !this.#shard.gateOf(id).open;
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const part = bytes.subarray(at, at + CHUNK_BYTES);
      if (!waits) this.#read(id, part);
      else this.#unread.set(id, [...(this.#unread.get(id) ?? []), part]);
    }
  }

  /** The first line that has come over the connection of a lane, if one has. */
  firstLine(lane: string): Uint8Array | undefined {
    return this.#firstLines.get(this.#laneId(lane));
  }

  /** Lanes that may be read again take what came next. @returns whether any has; it is not settled then */
  readOn(): boolean {
    let any = false;
    for (const [lane, [next, ...rest]] of this.#unread) {
      if (!this.#shard.gateOf(lane).open) continue;
      this.#read(lane, next);
      if (rest.length > 0) this.#unread.set(lane, rest);
      else this.#unread.delete(lane);
      any = true;
    }
    return any;
  }

  /** A vehicle opens a connection on each of its lanes that has none. */
  connect(vehicle: string): void {
    const lanes = this.#lanesOf(vehicle);
    if (lanes.length > 0) this.#beginRun(vehicle);
    for (const { name } of lanes) {
      const id = this.#laneId(name);
      if (!this.#connections.has(id)) this.#connect(id);
    }
  }

  /** A vehicle closes its connections: in order, or as one that has failed; and its run ends. */
  disconnect(vehicle: string, end: 'clean' | 'failed'): void {
    const how = end === 'clean' ? 'end' : 'reset';
    const lanes = this.#lanesOf(vehicle);
    for (const { name } of lanes) this.#close(this.#laneId(name), how);
    this.#endRun(vehicle, lanes, end === 'clean');
  }

  /** The end of all input. */
  close(): void {
    for (const lane of this.#connections.keys()) this.#close(lane, 'end');
    for (const { id } of this.#shard.plan.lanes) this.#shard.append({ kind: 'close', lane: id });
  }

  /** Moves the clock; what falls due on the way happens at its time. */
  async advance(by: Micros): Promise<void> {
    const to = this.now + by;
    while (this.#ground.clock.next <= to) {
      this.#ground.clock.advance(this.#ground.clock.next);
      await this.settle();
    }
    this.#ground.clock.advance(to);
    // So that the engine has seen this time too, though nothing was due.
    this.#shard.append({ kind: 'tick' });
    await this.settle();
  }

  /**
   * Brings another topology into force as `run` does. The one that is in force is put into force anew: the
   * graph is made once more, and all state handed over.
   */
  async reload(topology: Topology): Promise<ReloadResult> {
    const shard = this.#shard;
    const carried = new Map(this.carried());
    const running = {
      shard,
      ports: new ExitPorts(shard),
      doors: this.#entrances(),
      random: this.#ground.random,
      readTable: this.#ground.readTable,
      elapsed: () => this.#ground.clock.elapsed(),
    };
    const result = await reload(running, topology, new Set());
    if (result.kind === 'unchanged') {
      const again = commitTo(topology, shard.inForce, this.#ground.random);
      await shard.prepare(again, readTables(again.plan, running.readTable, shard.hashSeed));
      await shard.commit(again);
    }
    await this.settle();
    if (result.kind !== 'refused') {
      this.#carried.clear();
      for (const [stream, records] of carried) this.#carried.set(stream, records);
    }
    return result;
  }

  /** The process ends and another takes over; vehicles that were connected come back. */
  async restart(): Promise<void> {
    const carried = this.carried();
    await this.#shard.close();
    const back = [...this.topology.lanes.values()]
      .filter(({ name }) => this.#connections.has(this.#laneId(name)))
      .map(({ vehicle }) => vehicle);
    this.#connections.clear();
    this.#firstLines.clear();
    this.#shard = await this.#ground.openShard();
    // The replay has carried again what this plan carries.
    const again = this.#shard.carried();
    for (const [stream, records] of carried) {
      this.#carried.set(stream, records - (again.get(stream) ?? 0));
    }
    for (const id of this.#runs.keys()) this.#runs.set(id, -Math.abs(this.#runs.get(id) ?? 0));
    for (const vehicle of new Set(back)) this.connect(vehicle);
    await this.settle();
  }

  /** Everything that has been appended is computed and held. @throws RoundaboutError a failure of the shard */
  async settle(): Promise<void> {
    await this.#shard.settled();
    if (this.#ground.failure !== undefined) throw this.#ground.failure;
  }

  async end(): Promise<void> {
    await this.#shard.close();
  }

  /** What the doors of a runner do at an edit, in the log alone. */
  #entrances(): Entrances {
    const prepare = (before: Commitment, next: Commitment) =>
      Promise.resolve({
        undo: () => Promise.resolve(),
        closeRemoved: () => {
          const kept = new Set(next.ids.lanes.values());
          for (const id of this.#connections.keys()) if (!kept.has(id)) this.#close(id, 'stop');
        },
        commit: () => {
          const known = new Set(before.ids.lanes.values());
          for (const { name, vehicle } of next.topology.lanes.values()) {
            const id = this.#laneId(name);
            if (known.has(id)) continue;
            this.#beginRun(vehicle);
            this.#connect(id);
          }
        },
      });
    return { prepare };
  }

  #read(lane: Id, bytes: Uint8Array): void {
    const connection = this.#connections.get(lane) ?? this.#connect(lane);
    this.#shard.append({ kind: 'chunk', lane, connection, bytes });
  }

  #laneId(lane: string): Id {
    return this.#shard.inForce.ids.lanes.get(lane) ?? 0;
  }

  #lanesOf(vehicle: string): readonly Lane[] {
    return [...this.topology.lanes.values()].filter((lane) => lane.vehicle === vehicle);
  }

  #connect(lane: Id): number {
    const connection = ++this.#connection;
    this.#connections.set(lane, connection);
    this.#shard.append({ kind: 'opened', lane, connection, peer: 'test' });
    return connection;
  }

  /** What came before the end has come. */
  #close(lane: Id, how: ConnectionEnd): void {
    for (const bytes of this.#unread.get(lane) ?? []) this.#read(lane, bytes);
    this.#unread.delete(lane);
    const connection = this.#connections.get(lane);
    if (connection === undefined) return;
    this.#connections.delete(lane);
    this.#firstLines.delete(lane);
    this.#shard.append({ kind: 'closed', lane, connection, how });
  }

  #vehicle(name: string): { readonly id: Id; readonly vehicle: Vehicle | undefined } {
    const id = this.#shard.inForce.ids.vehicles.get(name) ?? 0;
    return { id, vehicle: this.topology.vehicles.get(name) };
  }

  #beginRun(name: string): void {
    const { id, vehicle } = this.#vehicle(name);
    const last = this.#runs.get(id) ?? 0;
    if (vehicle?.command == null || last > 0) return;
    const run = 1 - last;
    this.#runs.set(id, run);
    const began = { phase: 'began', outcome: null, planned: null } as const;
    this.#shard.append({ kind: 'run', vehicle: id, run, ...began });
  }

  /** As `runner/vehicles` does when a program has left. */
  #endRun(name: string, lanes: readonly Lane[], clean: boolean): void {
    const { id } = this.#vehicle(name);
    const run = this.#runs.get(id) ?? 0;
    if (run <= 0) return;
    this.#runs.set(id, -run);
    const outcome = clean ? 'clean' : 'failed';
    this.#shard.append({ kind: 'run', vehicle: id, run, phase: 'ended', outcome, planned: null });
    if (!clean) return;
    for (const lane of lanes) {
      const finished = this.#laneId(lane.name);
      if (lane.atEnd === 'finish') this.#shard.append({ kind: 'finish', lane: finished });
    }
  }
}
