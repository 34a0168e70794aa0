/** A change that fails on its way leaves the flow as it was, and can be tried again. */
import { expect, test } from '@jest/globals';
import { commitTo } from '../../src/runner/commitment.ts';
import type { Shard } from '../../src/runner/shard.ts';
import type { Disk } from '../../src/store/disk.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { edit, held, openShard, topologyOf } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const FLOW = `version: 1
name: flow
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in: { listen: 0, fields: { id: long } }
operators:
  odd: { type: filter, from: in, where: id % 2 = 1 }
exits:
  out: { from: odd, for: v }
`;
const MORE = FLOW.replace('exits:', 'exits:\n  all: { from: in, for: v }');

function feed(shard: Shard, first: number, last: number): void {
  const [lane] = shard.plan.lanes;
  let text = '';
  for (let id = first; id <= last; id++) text += `{"id":${id}}\n`;
  shard.append({ kind: 'chunk', lane: lane.id, connection: 1, bytes: Buffer.from(text) });
}

async function opened(disk: Disk, clock: ManualClock): Promise<Shard> {
  const { shard } = await openShard(disk, clock, FLOW);
  shard.append({ kind: 'opened', lane: shard.plan.lanes[0].id, connection: 1, peer: 'test' });
  feed(shard, 1, 10);
  await shard.settled();
  return shard;
}

/** What each exit holds, by its name, as a number of messages. */
async function counts(shard: Shard): Promise<Record<string, number>> {
  const all = await held(shard);
  return Object.fromEntries(
    shard.plan.exits.map(({ id, name }) => [name, all.get(id)?.length ?? 0]),
  );
}

test('a disk that refuses what a new exit needs: nothing has happened, and once it takes it the change is made', async () => {
  const memory = new MemoryDisk();
  let full = false;
  const disk = new Proxy(memory, {
    get: (target, name) => {
      if (name !== 'open') return Reflect.get(target, name).bind(target);
      return (path: string, mode: 'create' | 'read' | 'write') =>
        full && mode === 'create'
          ? Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
          : target.open(path, mode);
    },
  });
  const clock = new ManualClock(START);
  const shard = await opened(disk, clock);
  full = true;
  await expect(edit(shard, MORE)).rejects.toMatchObject({ code: 'ENOSPC' });
  full = false;
  feed(shard, 11, 20);
  await shard.settled();
  expect(await counts(shard)).toEqual({ out: 10 });
  expect(shard.inForce.revision).toBe(1);
  await edit(shard, MORE);
  feed(shard, 21, 30);
  await shard.settled();
  expect(await counts(shard)).toEqual({ all: 10, out: 15 });
  await shard.close();
  const { shard: again } = await openShard(memory, new ManualClock(clock.now()), FLOW);
  expect(await counts(again)).toEqual({ all: 10, out: 15 });
  expect(again.inForce.revision).toBe(2);
});

test('a graph that fails when it is tried out on what lanes brought last is not committed', async () => {
  const clock = new ManualClock(START);
  const shard = await opened(new MemoryDisk(), clock);
  const next = commitTo(topologyOf(MORE), shard.inForce, (bytes) => new Uint8Array(bytes));
  const [stage] = next.plan.stages;
  let records = 0;
  const definition = {
    ...stage.definition,
    open: () => ({
      onBatch: ({ selected }: { selected: number }) => {
        records = selected;
        throw new Error('not this record');
      },
      onTime: () => 0,
    }),
  };
  const plan = { ...next.plan, stages: [{ ...stage, definition }] };
  await expect(shard.prepare({ ...next, plan } as typeof next)).rejects.toThrow('not this record');
  expect(records).toBe(10);
  feed(shard, 11, 20);
  await shard.settled();
  expect(await counts(shard)).toEqual({ out: 10 });
  expect(shard.inForce.revision).toBe(1);
});
