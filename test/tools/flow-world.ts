/** A shard in a test: the one that `run` opens, on a disk in memory and a clock moved by hand. */
import { validateText } from '../../src/rules/validate.ts';
import { commitTo } from '../../src/runner/commitment.ts';
import { Shard } from '../../src/runner/shard.ts';
import type { Status } from '../../src/runner/status.ts';
import { readTables } from '../../src/runner/tables.ts';
import type { Disk, DiskFile } from '../../src/store/disk.ts';
import type { ManualClock } from '../../src/stream/clock.ts';
import type { RoundaboutError } from '../../src/stream/error.ts';
import type { Topology } from '../../src/topology/topology.ts';

export const PIPELINE_ID = '0123456789abcdef0123456789abcdef';

/** What has been read: campaigns open the same few files again and again. */
const read = new Map<string, Topology>();

export function topologyOf(text: string): Topology {
  const known = read.get(text);
  if (known !== undefined) return known;
  const { topology, findings } = validateText(text, 'test.yaml');
  if (topology === undefined) throw new Error(JSON.stringify(findings, null, 2));
  read.set(text, topology);
  return topology;
}

export interface World {
  readonly shard: Shard;
  /** What onFailure was called with. */
  readonly failures: readonly RoundaboutError[];
}

/** Another one at each opening, as in each process. */
let seed = 0x5eed;

/** Opens the shard over whatever the disk holds. Random bytes are all the same: stream ids are equal too. */
export async function openShard(
  disk: Disk,
  clock: ManualClock,
  text: string,
  forgetLog = false,
): Promise<World> {
  const failures: RoundaboutError[] = [];
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
  const topology = topologyOf(text);
  const shard = await Shard.open(
    {
      disk,
      clock,
      folder: 'state',
      pipelineId: PIPELINE_ID,
      epoch: 1,
      segmentBytes: 64 * 1024,
      holdSegmentBytes: 64 * 1024,
      random,
      hashSeed: seed++,
      forgetLog,
      onFailure: (error) => failures.push(error),
    },
    () => commitTo(topology, undefined, random),
  );
  return { shard, failures };
}

/**
 * Brings another topology into force, as a reload does.
 * @param table what the file of each of its tables says
 */
export async function edit(shard: Shard, text: string, table = ''): Promise<void> {
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9);
  const next = commitTo(topologyOf(text), shard.inForce, random);
  if (next.text === shard.inForce.text) return;
  const tables = readTables(next.plan, () => Buffer.from(table), shard.hashSeed);
  await shard.prepare(next, tables);
  await shard.load(tables);
  await shard.settled();
  await shard.commit(next);
}

/** The part of a status in which the account must add up, as the runner says it. */
export function exitStatus(shard: Shard): Pick<Status, 'account' | 'exits'> {
  const exits = [...shard.plan.exits, shard.plan.deadLetter].map((exit) => {
    const hold = shard.holds.get(exit.id);
    if (hold === undefined) throw new Error(`${exit.name} has no hold`);
    const { bytes, ...counts } = hold.counts();
    const { name, address, for: vehicles } = exit;
    const links = { receivers: 0, unsettled: 0 };
    const state = { former: false, full: hold.full, heldBytes: bytes };
    return { name, address, for: vehicles, ...state, ...counts, ...links };
  });
  return { account: shard.account(), exits };
}

/** The messages of every exit, by id of the exit, as bytes. */
export async function held(shard: Shard): Promise<ReadonlyMap<number, readonly string[]>> {
  const all = new Map<number, readonly string[]>();
  for (const [id, hold] of shard.holds) {
    const bodies: string[] = [];
    for (let from: number | undefined = 1; ; ) {
      from = hold.firstHeld(from);
      if (from === undefined) break;
      const slice = await hold.read(from, 1 << 20);
      for (let i = 0; i < slice.count; i++) {
        const start = i === 0 ? 0 : slice.ends[i - 1];
        bodies.push(Buffer.from(slice.bytes.subarray(start, slice.ends[i])).toString('hex'));
      }
      from += slice.count;
    }
    all.set(id, bodies);
  }
  return all;
}

/** A disk whose syncs take as long as `delay` says, in turns of the event loop. */
export class SlowDisk implements Disk {
  readonly #inner: Disk;
  readonly #delay: () => number;

  constructor(inner: Disk, delay: () => number) {
    this.#inner = inner;
    this.#delay = delay;
  }

  async open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile> {
    const file = await this.#inner.open(path, mode);
    const delay = this.#delay;
    return {
      write: (bytes, at) => file.write(bytes, at),
      read: (into, at) => file.read(into, at),
      size: () => file.size(),
      truncate: (bytes) => file.truncate(bytes),
      close: () => file.close(),
      sync: async () => {
        for (let turns = delay(); turns > 0; turns--) await new Promise(setImmediate);
        await file.sync();
      },
    };
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#inner.list(folder);
  }
  makeFolder(folder: string): Promise<void> {
    return this.#inner.makeFolder(folder);
  }
  rename(from: string, to: string): Promise<void> {
    return this.#inner.rename(from, to);
  }
  link(from: string, to: string): Promise<void> {
    return this.#inner.link(from, to);
  }
  remove(path: string): Promise<void> {
    return this.#inner.remove(path);
  }
  syncFolder(folder: string): Promise<void> {
    return this.#inner.syncFolder(folder);
  }
  space(folder: string): Promise<{ readonly free: number; readonly total: number }> {
    return this.#inner.space(folder);
  }
}
