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

  test('waits, twice as long each time up to a minute, when its receiver failed; others go on', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({ clock, maxDeliveries: 100 });
    world.hold.fill(1);
    const taking = receive(await connect(world.port), { credit: 100 });
    for (const [i, pause] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      const before = 2 * i + 1;
      await until(() => taking.got.length === before);
      expect(taking.got[before - 1]).toMatchObject({ id: 1, deliveryCount: i });
      taking.got[before - 1].modify();
      await until(() => world.listener.links()[0].unsettled === 0);
      world.hold.fill(1);
      await until(() => taking.got.length === before + 1);
      taking.got[before].accept();
      await until(() => world.hold.held === 1);
      clock.advance(clock.now() + pause * SECOND - 10_000);
      await new Promise(setImmediate);
      expect(taking.got.length).toBe(before + 1);
      clock.advance(clock.now() + 10_000);
    }
    expect(world.notices[0]).toMatchObject({ level: 'warning', about: 'exit results' });
    expect(world.notices[0].text).toContain('message 1');
  });

  test('goes to the dead letter when it is rejected, with the reason and as it was held', async () => {
    const world = await openWorld();
    world.hold.fill(3);
    const bytes = await world.hold.read(2, 1);
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 3);
    taking.got[1].reject({ condition: 'shop:no-such-door', description: 'who is 2?' });
    await until(() => world.hold.held === 2);
    expect(world.moved).toEqual([
      {
        exit: 'results',
        sequence: 2,
        reason: 'rejected',
        condition: 'shop:no-such-door',
        description: 'who is 2?',
        message: Buffer.from(bytes.bytes.subarray(0, bytes.ends[0])),
      },
    ]);
    expect(world.notices[0].text).toContain('message 2 goes to the dead letter');
    expect(world.notices[0].text).toContain('who is 2?');
  });

  test('is told of in one line, in which the words of the receiver do not steer the terminal', async () => {
    const world = await openWorld();
    world.hold.fill(1);
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 1);
    const description = `\u001b[2Jall is well\r\n\u202e${'x'.repeat(500)}`;
    taking.got[0].reject({ condition: 'a:b', description });
    await until(() => world.moved.length === 1);
    expect(world.moved[0].description).toBe(description);
    expect(world.notices[0].text).toMatch(/: rejected, a:b, {2}\[2Jall is well x{150,}…$/);
  });

  test('a text without end is cut, not in the middle of a character', async () => {
    const world = await openWorld();
    world.hold.fill(1);
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 1);
    taking.got[0].reject({ condition: 'c'.repeat(200), description: `x${'😀'.repeat(3000)}` });
    await until(() => world.moved.length === 1);
    expect(world.moved[0].condition).toBe('c'.repeat(128));
    expect(world.moved[0].description).toBe(`x${'😀'.repeat(1023)}`);
  });

  test('goes to the dead letter when so many deliveries as are allowed have failed', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({ clock, maxDeliveries: 3 });
    world.hold.fill(1);
    const taking = receive(await connect(world.port), { credit: 10 });
    for (let delivery = 1; delivery <= 3; delivery++) {
      await until(() => taking.got.length === delivery);
      taking.got[delivery - 1].modify();
      await until(() => world.listener.links()[0].unsettled === 0);
      clock.advance(clock.now() + 60 * SECOND);
    }
    await until(() => world.hold.held === 0);
    expect(world.moved).toMatchObject([{ sequence: 1, reason: 'too-many-deliveries' }]);
    expect(world.moved[0].description).toContain('3 deliveries failed');
    expect(taking.got.map(({ deliveryCount }) => deliveryCount)).toEqual([0, 1, 2]);
  });

  test('is charged for the oldest only when a link is lost: a poison record goes, its neighbours stay', async () => {
    const world = await openWorld({ maxDeliveries: 3 });
    world.hold.fill(5);
    for (let crash = 1; crash <= 3; crash++) {
      const taking = receive(await connect(world.port), { credit: 5 });
      await until(() => taking.got.length === 5);
      expect(ids(taking)).toEqual([1, 2, 3, 4, 5]);
      disconnectAll();
      await until(() => world.listener.attached('results') === 0);
    }
    await until(() => world.hold.held === 4);
    expect(world.moved).toMatchObject([{ sequence: 1, reason: 'too-many-deliveries' }]);
    const last = receive(await connect(world.port), { credit: 5, accept: true });
    await until(() => world.hold.held === 0);
    expect(ids(last)).toEqual([2, 3, 4, 5]);
    expect(last.got.map(({ deliveryCount }) => deliveryCount)).toEqual([3, 3, 3, 3]);
  });

  test('is never charged for what was released, however often', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({ clock, maxDeliveries: 2 });
    world.hold.fill(1);
    const taking = receive(await connect(world.port), { credit: 10 });
    for (let delivery = 1; delivery <= 5; delivery++) {
      await until(() => taking.got.length === delivery);
      if (delivery % 2 === 0) taking.got[delivery - 1].release();
      else taking.got[delivery - 1].modify({});
      await until(() => world.listener.links()[0].unsettled === 0);
      clock.advance(clock.now() + 100_000);
    }
    await until(() => taking.got.length === 6);
    expect(taking.got[5].deliveryCount).toBe(5);
    expect(world.hold.charges(1)).toBe(0);
    expect(world.moved).toEqual([]);
  });

  test('is not new to its first receiver here if it failed before a restart', async () => {
    const world = await openWorld();
    world.hold.fill(2);
    for (let failed = 1; failed <= 2; failed++) world.hold.charge(1);
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 2);
    taking.got[0].release();
    await until(() => taking.got.length === 3);
    const seen = taking.got.map(({ id, deliveryCount, firstAcquirer }) => [
      id,
      deliveryCount,
      firstAcquirer,
    ]);
    expect(seen).toEqual([
      [1, 2, false],
      [2, 0, true],
      [1, 3, false],
    ]);
  });

  test('is not charged when we stop', async () => {
    const world = await openWorld({ maxDeliveries: 1 });
    world.hold.fill(2);
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 2);
    await world.listener.close(0);
    expect(world.hold.held).toBe(2);
    expect(world.hold.charges(1)).toBe(0);
  });

  test('never comes back to the link that can not take it, but to the next one', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({ clock });
    world.hold.fill(2);
    const one = receive(await connect(world.port), { credit: 10 });
    await until(() => one.got.length === 2);
    // In turns of their own: rhea may send the first of two answers for both.
    one.got[0].modify({ undeliverable_here: true });
    await until(() => world.listener.links()[0].unsettled === 1);
    one.got[1].modify({ undeliverable_here: true, delivery_failed: true });
    await until(() => world.listener.links()[0].unsettled === 0);
    expect([1, 2].map((sequence) => world.hold.charges(sequence))).toEqual([0, 1]);
    clock.advance(600 * SECOND);
    world.hold.fill(1);
    await until(() => one.got.length === 3);
    expect(ids(one)).toEqual([1, 2, 3]);
    const other = receive(await connect(world.port), { credit: 10, accept: true });
    await until(() => other.got.length === 2);
    expect(ids(other)).toEqual([1, 2]);
  });

  test('is read a few times only, though two receivers are far apart in the order', async () => {
    const world = await openWorld();
    const body = { text: 'x'.repeat(1_000) };
    world.hold.add(...Array.from({ length: 2_000 }, () => body));
    const one = receive(await connect(world.port), { credit: 1_000 });
    let answered = 0;
    await until(() => {
      for (; answered < one.got.length; answered++) {
        one.got[answered].modify({ undeliverable_here: true });
      }
      return answered === 1_000 && world.listener.links()[0].unsettled === 0;
    });
    const before = world.hold.reads;
    // From here on one is at 1,001 and the other, which takes what the one can't, at 1.
    const other = receive(await connect(world.port), { credit: 1_000, accept: true });
    one.receiver.add_credit(1_000);
    await until(() => one.got.length === 2_000 && other.got.length === 1_000);
    expect(ids(other)).toEqual(upTo(1_000));
    expect(world.hold.reads - before).toBeLessThan(30);
  });

  test('stays at the dead letter itself, whatever its receiver says, and comes back after a pause', async () => {
    const clock = new ManualClock(0);
    const world = await openWorld({
      exits: ['dead_letter'],
      deadLetter: 'dead_letter',
      clock,
      maxDeliveries: 1,
    });
    world.hold.fill(1);
    const to = { address: 'dead_letter', credit: 10 };
    const taking = receive(await connect(world.port), to);
    for (let delivery = 1; delivery <= 4; delivery++) {
      await until(() => taking.got.length === delivery);
      taking.got[delivery - 1].reject();
      await until(() => world.listener.links()[0].unsettled === 0);
      clock.advance(clock.now() + (2 ** (delivery - 1) - 0.1) * SECOND);
      await new Promise(setImmediate);
      expect(taking.got.length).toBe(delivery);
      clock.advance(clock.now() + SECOND);
    }
    await until(() => taking.got.length === 5);
    expect(world.moved).toEqual([]);
    expect(world.hold.held).toBe(1);
  });

  test('waits for the log when a receiver refuses more than it can take', async () => {
    let sync = (): void => {};
    const synced = new Promise<void>((resolve) => {
      sync = resolve;
    });
    const world = await openWorld({ durable: () => synced });
    const body = { text: 'x'.repeat(60_000) };
    world.hold.add(...Array.from({ length: 300 }, () => body));
    const taking = receive(await connect(world.port), { credit: 300 });
    let answered = 0;
    const answer = (): void => {
      for (; answered < taking.got.length; answered++) taking.got[answered].reject();
    };
    await until(() => {
      answer();
      return world.moved.length >= 70 && world.listener.links()[0].unsettled === 0;
    });
    expect(world.moved.length).toBeLessThanOrEqual(140);
    sync();
    await until(() => {
      answer();
      return world.hold.held === 0;
    });
    expect(world.moved.map(({ sequence }) => sequence)).toEqual(upTo(300));
  });

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

  test.each(['accept', 'reject'] as const)(
    'is told so when it is durably done with, and not before: %s',
    async (how) => {
      let sync = (): void => {};
      const durable = new Promise<void>((resolve) => {
        sync = resolve;
      });
      const world = await openWorld({ durable: () => durable });
      world.hold.synced = () => durable;
      world.hold.fill(2);
      const attach = { rcv_settle_mode: 1 };
      const taking = receive(await connect(world.port), { credit: 2, attach });
      const settled: number[] = [];
      taking.receiver.on('settled', ({ delivery }) => settled.push(Number(delivery?.id)));
      await until(() => taking.got.length === 2);
      taking.got[0][how]();
      await until(() => (how === 'accept' ? world.hold.held === 1 : world.moved.length === 1));
      expect(world.listener.links()[0].unsettled).toBe(2);
      // Answered later, settled before: nothing has to be durable.
      taking.got[1].release();
      await until(() => settled.length === 1);
      expect(settled).toEqual([1]);
      sync();
      await until(() => settled.length === 2);
      expect(settled).toEqual([1, 0]);
    },
  );

  test('is nobody to be told of when its link is gone before it is durable', async () => {
    let sync = (): void => {};
    const durable = new Promise<void>((resolve) => {
      sync = resolve;
    });
    const world = await openWorld();
    world.hold.synced = () => durable;
    world.hold.fill(1);
    const connection = await connect(world.port);
    const taking = receive(connection, { credit: 1, attach: { rcv_settle_mode: 1 } });
    await until(() => taking.got.length === 1);
    taking.got[0].accept();
    await until(() => world.hold.held === 0);
    taking.receiver.close();
    await until(() => taking.closed);
    sync();
    world.hold.fill(1);
    const next = receive(connection, { credit: 1, accept: true });
    await until(() => world.hold.held === 0);
    expect(ids(next)).toEqual([2]);
    expect(world.notices).toEqual([]);
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
