import { afterEach, describe, expect, test } from '@jest/globals';
import { closeWorlds, openWorld } from '../tools/amqp-listener.ts';
import { connect, disconnectAll, ids, receive } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

afterEach(async () => {
  disconnectAll();
  await closeWorlds();
});

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('an exit', () => {
  test('offers what it holds, oldest first, and settles what is accepted', async () => {
    const world = await openWorld();
    world.hold.fill(2_000);
    const taking = receive(await connect(world.port), { credit: 3_000, accept: true });
    await until(() => world.hold.held === 0);
    expect(ids(taking)).toEqual(upTo(2_000));
    expect(taking.got[6].body).toEqual({ n: 7 });
    expect(taking.got[6].deliveryCount).toBe(0);
    expect(taking.got[6].firstAcquirer).toBe(true);
  });
});
