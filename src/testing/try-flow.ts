/**
 * A flow over samples, to the end of them: each lane is connected, brings its bytes and ends, then every window
 * closes. What leaves is told as it comes and not kept, so samples may be larger than memory.
 */
import type { Account } from '../engine/account.ts';
import type { ReadTableFile } from '../runner/tables.ts';
import type { Micros } from '../stream/time.ts';
import type { Topology } from '../topology/topology.ts';
import { DEAD_LETTER } from '../topology/topology-test.ts';
import { World } from './world.ts';

/** Read from a hold at once. */
const READ_BYTES = 1024 * 1024;

export interface TryOptions {
  readonly topology: Topology;
  /** The time at which all is said to arrive. */
  readonly now: Micros;
  /** The bytes of lanes, by their names. */
  readonly samples: ReadonlyMap<string, AsyncIterable<Uint8Array>>;
  readonly readTable: ReadTableFile;
  /** A message has entered an exit, or the dead letter; its bytes are valid during the call. */
  readonly onMessage: (exit: string, message: Uint8Array) => void;
}

/** @returns the account at the end; it has no gaps unless there is a defect */
export async function tryFlow(options: TryOptions): Promise<Account> {
  const { topology, now, samples, readTable } = options;
  const world = await World.open({ topology, start: now, forgetLog: true, readTable });
  try {
    for (const lane of [...samples.keys()].sort()) {
      for await (const bytes of samples.get(lane) ?? []) {
        world.feed(lane, bytes);
        await drain(world, options);
      }
    }
    for (const vehicle of topology.vehicles.keys()) world.disconnect(vehicle, 'clean');
    world.close();
    await drain(world, options);
    return world.account();
  } finally {
    await world.end();
  }
}

async function drain(world: World, { onMessage }: TryOptions): Promise<void> {
  await world.settle();
  const { plan, holds } = world.shard;
  for (const { id, name } of [...plan.exits, { ...plan.deadLetter, name: DEAD_LETTER }]) {
    const hold = holds.get(id);
    for (let from = hold?.firstHeld(1); hold !== undefined && from !== undefined; ) {
      const { first, count, bytes, ends } = await hold.read(from, READ_BYTES);
      for (let i = 0; i < count; i++) {
        const start = i === 0 ? 0 : ends[i - 1];
        onMessage(name, bytes.subarray(start, ends[i]));
      }
      hold.settle(first, first + count - 1);
      from = hold.firstHeld(first + count);
    }
  }
}
