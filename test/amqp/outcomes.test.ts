import { afterEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../src/stream/clock.ts';
import { closeWorlds, openWorld } from '../tools/amqp-listener.ts';
import { connect, createSession, disconnectAll, ids, receive } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

afterEach(async () => {
  disconnectAll();
  await closeWorlds();
});

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const SECOND = 1_000_000;

describe('what is not accepted', () => {
  test('comes back in order when the connection is lost, with the same numbers', async () => {
    const world = await openWorld();
    world.hold.fill(20);
    const first = receive(await connect(world.port), { credit: 10 });
    await until(() => first.got.length === 10);
    first.got[3].accept();
    await until(() => world.hold.held === 19);
    disconnectAll();
    await until(() => world.listener.attached('results') === 0);
    const second = receive(await connect(world.port), { credit: 100, accept: true });
    await until(() => world.hold.held === 0);
    expect(ids(second)).toEqual(upTo(20).filter((id) => id !== 4));
    expect(second.got.map(({ deliveryCount }) => deliveryCount)).toEqual([
      ...Array(9).fill(1),
      ...Array(10).fill(0),
    ]);
    expect(second.got[0].firstAcquirer).toBe(false);
    expect(second.got[18].firstAcquirer).toBe(true);
  });

  test('comes back when a link is detached, or its session ends', async () => {
    const world = await openWorld();
    world.hold.fill(4);
    const connection = await connect(world.port);
    const detached = receive(connection, { credit: 10 });
    await until(() => detached.got.length === 4);
    detached.receiver.detach();
    await until(() => detached.closed);
    const session = createSession(connection);
    const ended = receive(session, { credit: 10 });
    await until(() => ended.got.length === 4);
    session.close();
    await until(() => world.listener.attached('results') === 0);
    const last = receive(connection, { credit: 10, accept: true });
    await until(() => world.hold.held === 0);
    expect(ids(last)).toEqual([1, 2, 3, 4]);
    expect(last.got.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2, 2, 2]);
  });

  test('goes to another receiver at once when it is released', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({ clock });
    world.hold.fill(3);
    const one = receive(await connect(world.port), { credit: 3 });
    await until(() => one.got.length === 3);
    const other = receive(await connect(world.port), { credit: 3 });
    await until(() => world.listener.links()[1]?.credit === 3);
    for (const got of one.got) got.release();
    await until(() => other.got.length === 3);
    expect(ids(other)).toEqual([1, 2, 3]);
  });

  test('is offered to the link that released it after 100 ms, newer ones in between', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({ clock });
    world.hold.fill(3);
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 3);
    taking.got[1].release();
    await until(() => world.listener.links()[0].unsettled === 2);
    taking.got[2].accept();
    await until(() => world.hold.held === 2);
    world.hold.fill(1);
    await until(() => taking.got.length === 4);
    clock.advance(99_000);
    expect(ids(taking)).toEqual([1, 2, 3, 4]);
    clock.advance(100_000);
    await until(() => taking.got.length === 5);
    expect(taking.got[4]).toMatchObject({ id: 2, deliveryCount: 1 });
  });

  test.each(['reject', 'modify'] as const)(
    'waits a second after %s, with a warning',
    async (answer) => {
      const clock = new ManualClock(0);
      const world = await openWorld({ clock });
      world.hold.fill(2);
      const taking = receive(await connect(world.port), { credit: 10 });
      await until(() => taking.got.length === 2);
      for (const got of taking.got) got[answer]();
      await until(() => world.notices.length === 1 && world.listener.links()[0].unsettled === 0);
      expect(world.notices[0]).toMatchObject({ level: 'warning', about: 'exit results' });
      expect(world.notices[0].text).toContain('message 1');
      clock.advance(0.9 * SECOND);
      expect(taking.got.length).toBe(2);
      clock.advance(SECOND);
      await until(() => taking.got.length === 4);
      expect(ids(taking)).toEqual([1, 2, 1, 2]);
      expect(world.hold.held).toBe(2);
    },
  );

  test('is told to be settled when the receiver waits for that', async () => {
    const world = await openWorld();
    world.hold.fill(1);
    const attach = { rcv_settle_mode: 1 };
    const taking = receive(await connect(world.port), { credit: 1, attach });
    let settled = 0;
    taking.receiver.on('settled', () => settled++);
    await until(() => taking.got.length === 1);
    taking.got[0].accept();
    await until(() => settled === 1);
    expect(world.hold.held).toBe(0);
  });

  test('is unsettled even if the receiver asks for settled', async () => {
    const world = await openWorld();
    world.hold.fill(1);
    const attach = { snd_settle_mode: 1 };
    const taking = receive(await connect(world.port), { credit: 1, attach });
    await until(() => taking.got.length === 1);
    expect(taking.receiver.snd_settle_mode).toBe(0);
    expect(world.hold.held).toBe(1);
  });
});
