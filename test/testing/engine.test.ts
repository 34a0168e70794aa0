/** One world: what a test of a topology sees is, byte for byte, what the engine gives for the same entries. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import { committed } from '../../src/runner/commitment.ts';
import { LaneLog } from '../../src/store/lane-log.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import { FOLDER, PIPELINE_ID, SEGMENT_BYTES, World } from '../../src/testing/world.ts';
import { held, topologyOf } from '../tools/flow-world.ts';
import { FLOW } from './world.ts';

const START = 1_767_225_600_000_000;

class Bytes implements Hold {
  next = 1;
  readonly bodies: string[] = [];

  append({ bytes, ends, count }: Bodies): void {
    for (let i = 0; i < count; i++) {
      this.bodies.push(
        Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])).toString('hex'),
      );
    }
    this.next += count;
  }
}

type Act =
  | readonly ['feed', string]
  | readonly ['advance', number]
  | readonly ['again']
  | readonly ['leave'];

const line = fc
  .tuple(
    fc.nat(9),
    fc.constantFrom('a', 'b', 'c'),
    fc.nat(200),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  .map(([id, shop, second, paid]) => {
    const at = new Date(START / 1000 + second * 1000).toISOString();
    return `${JSON.stringify({ id, shop, paid, at })}\n`;
  });
const acts = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.oneof({ weight: 9, arbitrary: line }, fc.constant('?\n')), {
          minLength: 1,
          maxLength: 6,
        })
        .map((lines) => ['feed', lines.join('')] as const),
    },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 90_000_000 }).map((by) => ['advance', by] as const),
    },
    { weight: 1, arbitrary: fc.constantFrom(['again'] as const, ['leave'] as const) },
  ),
  { maxLength: 12 },
);

test('a world holds the bytes that the engine gives for the entries of its log, also over restarts', async () => {
  const topology = topologyOf(FLOW);
  await fc.assert(
    fc.asyncProperty(acts, fc.boolean(), async (todo, restarts) => {
      const disk = new MemoryDisk();
      const world = await World.open({ topology, start: START, disk });
      for (const act of todo as readonly Act[]) {
        if (act[0] === 'feed') world.feed('sales', Buffer.from(act[1]));
        else if (act[0] === 'advance') await world.advance(act[1]);
        else if (act[0] === 'again') await world.reload(topology);
        else world.disconnect('till', 'clean');
        await world.settle();
        if (restarts) await world.restart();
      }
      world.close();
      await world.settle();
      const holds = await held(world.shard);
      await world.end();
      expect(await computed(disk)).toEqual(holds);
    }),
    { numRuns: 40 },
  );
});

/** What a bare engine makes of the log on a disk. */
async function computed(disk: MemoryDisk): Promise<ReadonlyMap<number, readonly string[]>> {
  const log = await LaneLog.open({
    disk,
    clock: new ManualClock(START),
    folder: `${FOLDER}/log`,
    pipelineId: PIPELINE_ID,
    segmentBytes: SEGMENT_BYTES,
    random: (bytes) => new Uint8Array(bytes),
  });
  const holds = new Map<number, Bytes>();
  let engine: Engine | undefined;
  await log.replay(
    (entry) => {
      if (entry.kind === 'commit') {
        const { plan } = committed(entry.plan);
        for (const { id } of [...plan.exits, plan.deadLetter]) {
          if (!holds.has(id)) holds.set(id, new Bytes());
        }
        if (engine === undefined) engine = new Engine({ plan, start: entry.at, holds, seed: 5 });
        else engine.rewire(plan, entry.at);
      }
      engine?.feed(entry);
    },
    () => Promise.resolve(),
    0,
  );
  await log.close();
  return new Map([...holds].map(([id, { bodies }]) => [id, bodies]));
}
