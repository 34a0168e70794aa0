/**
 * The composition root: opens state, shard, exits, lanes and vehicles in an order in which each finds
 * what it needs, and stops them in one in which nothing is lost. It computes nothing.
 */
import { randomBytes } from 'node:crypto';
import { type AmqpListener, openAmqpListener } from '../amqp/listener.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { type Lane, openLane } from '../lanes/lane.ts';
import { ConnectionRoom } from '../lanes/limits.ts';
import { chunkBytesMax } from '../store/lane-log.ts';
import { storageError } from '../store/storage-error.ts';
import type { RoundaboutError } from '../stream/error.ts';
import type { Clock, Notify } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import type { Lane as DeclaredLane, Topology } from '../topology/topology.ts';
import { type Commitment, commitment } from './commitment.ts';
import { type Control, openControl } from './control.ts';
import { DiskSpace } from './disk-space.ts';
import { Shard } from './shard.ts';
import { openStateDir, type StateDir } from './state-dir.ts';
import type { ExitStatus, LaneStatus, Status } from './status.ts';
import { Vehicles } from './vehicles.ts';

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
  readonly clock: Clock;
  readonly notify: Notify;
  /** A line of a vehicle's output. */
  readonly onOutput: (vehicle: string, line: string) => void;
  /** The storage has failed, or a defect was found: the process must end. */
  readonly onFailure: (error: RoundaboutError) => void;
}

interface Parts {
  readonly state: StateDir;
  readonly shard: Shard;
  readonly listener: AmqpListener;
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly vehicles: Vehicles;
  readonly space: DiskSpace;
  readonly replaySeconds: number;
  readonly revision: number;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #parts: Parts;
  readonly #startedMs: number;
  #control: Control | undefined;
  #growth: { ms: number; bytes: number; perSecond: number };
  #stopping: Promise<void> | undefined;

  private constructor(options: RunnerOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#startedMs = options.clock.elapsed();
    this.#growth = { ms: this.#startedMs, bytes: parts.shard.logBytes, perSecond: 0 };
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
        runner.#control = await openControl(stateDir, pipelineId, () => runner.status());
      }
      return runner;
    } catch (error) {
      for (const close of undo.reverse()) await close();
      throw error;
    }
  }

  get vehicles(): Vehicles {
    return this.#parts.vehicles;
  }

  get shard(): Shard {
    return this.#parts.shard;
  }

  get lanes(): ReadonlyMap<string, Lane> {
    return this.#parts.lanes;
  }

  /** A link is or was attached to the exit since the start. */
  everAttached(exit: string): boolean {
    return this.#parts.listener.everAttached(exit);
  }

  /** The end of all input: every lane's time goes to infinity, and all windows close. */
  async closeInput(): Promise<void> {
    const { lanes, shard } = this.#parts;
    await Promise.all([...lanes.values()].map((lane) => lane.stop(GRACE_MS)));
    for (const { id } of shard.plan.lanes) shard.append({ kind: 'close', lane: id });
    await shard.settled();
  }

  /** Stops in order: no new input, what came is computed and durable, receivers settle, all closes. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { lanes, vehicles, shard, listener, space, state } = this.#parts;
    space.close();
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
      name: options.topology.name,
      file: options.file,
      revision: parts.revision,
      stateDir: options.stateDir,
      durability: options.topology.state.durability,
      pid: process.pid,
      upSeconds: (options.clock.elapsed() - this.#startedMs) / 1000,
      amqp: `${host}:${port}`,
      lanes: this.#laneStatus(),
      vehicles: parts.vehicles.status(),
      exits: this.#exitStatus(),
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

  #laneStatus(): LaneStatus[] {
    const marks = this.#parts.shard.watermarks();
    return [...this.#options.topology.lanes.values()].map((lane) => {
      const { address, state } = this.#parts.lanes.get(lane.name) ?? {};
      const now = state?.();
      const mark = marks.get(lane.name);
      return {
        name: lane.name,
        vehicle: lane.vehicle,
        direction: lane.connect === null ? 'listens' : 'dials',
        address: address === undefined ? '' : `${address.host}:${address.port}`,
        connections: now?.open ?? 0,
        note: now?.note ?? '',
        watermark: mark !== undefined && Number.isFinite(mark) ? mark : null,
      };
    });
  }

  #exitStatus(): ExitStatus[] {
    const { shard, listener } = this.#parts;
    const links = listener.links();
    return [...shard.plan.exits, shard.plan.deadLetter].map((exit) => {
      const own = links.filter((link) => link.exit === exit.name);
      const counts = shard.holds.get(exit.id)?.counts();
      return {
        name: exit.name,
        address: exit.address,
        for: 'for' in exit ? exit.for : [],
        held: counts?.held ?? 0,
        heldBytes: counts?.bytes ?? 0,
        numbered: counts?.numbered ?? 0,
        delivered: counts?.delivered ?? 0,
        receivers: own.length,
        unsettled: own.reduce((sum, link) => sum + link.unsettled, 0),
      };
    });
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
  const { topology, clock, notify } = options;
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const state = await openStateDir({ ...options, durability: topology.state.durability, random });
  undo.push(() => state.close());
  const began = clock.elapsed();
  let committed: Commitment | undefined;
  const shard = await Shard.open(
    {
      disk: state.disk,
      clock,
      folder: state.folder,
      pipelineId: state.pipelineId,
      epoch: state.epoch,
      segmentBytes: LOG_SEGMENT_BYTES,
      holdSegmentBytes: HOLD_SEGMENT_BYTES,
      random,
      forgetLog: topology.state.durability === 'memory',
      onFailure: options.onFailure,
      onBad: badLines(notify),
    },
    (text) => {
      committed = commitment(topology, text, random);
      return committed;
    },
  );
  undo.push(() => shard.close());
  const replaySeconds = (clock.elapsed() - began) / 1000;
  await shard.settled();
  const listener = await openListener(options, shard);
  undo.push(() => listener.close(0));
  const lanes = new Map<string, Lane>();
  const vehicles = new Vehicles({
    ...options,
    ids: committed?.vehicles ?? new Map(),
    runs: shard.recovered.runs,
    lanes,
    amqp: `${listener.address.host}:${listener.address.port}`,
    journal: shard,
  });
  await openLanes(options, shard, lanes, vehicles, undo);
  const space = new DiskSpace(state.disk, state.folder, clock, shard.gate);
  await space.watch();
  return {
    state,
    shard,
    listener,
    lanes,
    vehicles,
    space,
    replaySeconds,
    revision: shard.revision,
  };
}

function openListener(options: RunnerOptions, shard: Shard): Promise<AmqpListener> {
  const { topology, clock, notify } = options;
  const exits = [...shard.plan.exits, shard.plan.deadLetter].map((exit) => {
    const messages = shard.holds.get(exit.id);
    if (messages === undefined) throw new Error(`exit ${exit.name} has no hold`);
    return {
      name: exit.name,
      address: exit.address,
      messages,
      maxUnsettled: 'maxUnsettled' in exit ? exit.maxUnsettled : 1024,
      vehicles: 'for' in exit ? exit.for : [],
    };
  });
  const addresses = exits.map((exit) => exit.address);
  return openAmqpListener({
    ...topology.amqp.listen,
    maxFrame: 65_536,
    clock,
    notify,
    exits: () => exits,
    suggest: (address) => nearest(address, addresses),
    fail: (error) => options.onFailure(storageError(options.stateDir, error)),
  });
}

async function openLanes(
  options: RunnerOptions,
  shard: Shard,
  lanes: Map<string, Lane>,
  vehicles: Vehicles,
  undo: (() => Promise<void>)[],
): Promise<void> {
  let connection = shard.recovered.connections;
  const totalConnections = new ConnectionRoom();
  for (const plan of shard.plan.lanes) {
    const lane = options.topology.lanes.get(plan.name);
    if (lane === undefined) throw new Error(`lane ${plan.name} is in the plan alone`);
    const opened = await openLane({
      id: plan.id,
      name: plan.name,
      address:
        lane.connect === null
          ? { listen: lane.listen ?? { host: '127.0.0.1', port: 0 } }
          : { connect: lane.connect, retry: retryOf(lane) },
      limits: {
        maxConnections: lane.limits.maxConnections,
        idleMs: lane.limits.idle === null ? null : lane.limits.idle / MICROS_PER_MS,
      },
      totalConnections,
      journal: shard,
      gate: shard.gate,
      clock: options.clock,
      random: Math.random,
      nextConnection: () => ++connection,
      durable: (lsn) => shard.computed(lsn),
      chunkBytesMax: chunkBytesMax(LOG_SEGMENT_BYTES),
      notify: options.notify,
    });
    lanes.set(plan.name, opened);
    undo.push(() => opened.stop(0));
    opened.onChange(() => vehicles.lanesChanged());
  }
}

function retryOf({ retry }: DeclaredLane): { initialMs: number; maxMs: number } {
  return { initialMs: retry.initial / MICROS_PER_MS, maxMs: retry.max / MICROS_PER_MS };
}

/** Tells of a lane's first rejected line, then of every tenfold: a flood must not flood the terminal too. */
function badLines(notify: Notify): (lane: string, bad: { reason: string; detail: string }) => void {
  const counts = new Map<string, number>();
  return (lane, { reason, detail }) => {
    const count = (counts.get(lane) ?? 0) + 1;
    counts.set(lane, count);
    if (!/^10*$/.test(String(count))) return;
    const which = count === 1 ? 'a line was rejected' : `${count} lines were rejected, the last`;
    notify({ level: 'warning', about: `lane ${lane}`, text: `${which}: ${reason}, ${detail}` });
  };
}
