import { afterEach, describe, expect, test } from '@jest/globals';
import { openAmqpListener } from '../../src/amqp/listener.ts';
import { systemClock } from '../../src/stream/clock.ts';
import { closeWorlds, openWorld } from '../tools/amqp-listener.ts';
import { connect, createSession, disconnectAll, ids, receive } from '../tools/rhea-client.ts';
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

  test('offers what enters while a receiver waits', async () => {
    const world = await openWorld();
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => world.listener.links()[0]?.credit === 10);
    world.hold.fill(3);
    await until(() => taking.got.length === 3);
    expect(ids(taking)).toEqual([1, 2, 3]);
  });

  test.each([0, 1, 1_000])('never sends above a credit of %i', async (credit) => {
    const world = await openWorld({ exits: ['results', 'other'] });
    world.hold.fill(1_500);
    world.holds.get('other')?.fill(1);
    const connection = await connect(world.port);
    const taking = receive(connection, credit === 0 ? {} : { credit });
    await until(() => taking.got.length === credit);
    const other = receive(connection, { address: 'other', credit: 1 });
    await until(() => other.got.length === 1);
    expect(ids(taking)).toEqual(upTo(credit));
    expect(world.listener.links()[0]).toMatchObject({ credit: 0, unsettled: credit });
  });

  test('has no more in flight than max_unsettled, whatever the credit', async () => {
    const world = await openWorld({ maxUnsettled: 7 });
    world.hold.fill(20);
    const taking = receive(await connect(world.port), { credit: 1_000 });
    await until(() => taking.got.length === 7);
    expect(world.listener.links()[0]).toMatchObject({ unsettled: 7, credit: 993 });
    taking.got[0].accept();
    await until(() => taking.got.length === 8);
    expect(world.hold.settled).toEqual(new Map([[1, 1]]));
  });

  test('has no more bytes in flight than a link may hold', async () => {
    const world = await openWorld({ limits: { inFlightBytes: 10_000 } });
    world.hold.add(...upTo(10).map(() => 'x'.repeat(4_000)));
    const taking = receive(await connect(world.port), { credit: 10 });
    await until(() => taking.got.length === 3);
    expect(world.listener.links()[0].unsettled).toBe(3);
    for (const got of taking.got) got.accept();
    await until(() => taking.got.length === 6);
    expect(ids(taking)).toEqual(upTo(6));
  });

  test('offers no more than credit: 0, 1 and 1,000', async () => {
    const world = await openWorld({ exits: ['results', 'other'] });
    world.hold.fill(1_500);
    world.holds.get('other')?.fill(1);
    const connection = await connect(world.port);
    const [none, one, many] = [0, 1, 1_000].map((credit) =>
      receive(connection, credit === 0 ? { accept: true } : { credit, accept: true }),
    );
    await until(() => many.got.length === 1_000 && one.got.length === 1);
    // What comes later on the same connection comes after whatever was sent too much.
    const other = receive(connection, { address: 'other', credit: 1 });
    await until(() => other.got.length === 1);
    expect([none, one, many].map(({ got }) => got.length)).toEqual([0, 1, 1_000]);
    expect(world.hold.held).toBe(499);
    none.receiver.add_credit(1);
    await until(() => none.got.length === 1);
    expect(ids(none)).toEqual([1_002]);
  });

  test('answers a drain when it has sent what there is', async () => {
    const world = await openWorld();
    world.hold.fill(3);
    const taking = receive(await connect(world.port), { credit: 100, accept: true });
    await until(() => taking.got.length === 3);
    taking.receiver.drain_credit();
    await until(() => taking.drained === 1);
    expect(world.listener.links()[0].credit).toBe(0);
    taking.receiver.drain = false;
    taking.receiver.add_credit(5);
    world.hold.fill(5);
    await until(() => taking.got.length === 8);
    expect(ids(taking)).toEqual(upTo(8));
  });

  test('answers a drain that what it holds has used up, or that has no credit', async () => {
    const world = await openWorld();
    world.hold.fill(5);
    const taking = receive(await connect(world.port), { credit: 3 });
    taking.receiver.drain_credit();
    await until(() => taking.drained === 1);
    expect(ids(taking)).toEqual([1, 2, 3]);
    taking.receiver.drain_credit();
    await until(() => taking.drained === 2);
    expect(ids(taking)).toEqual([1, 2, 3]);
  });

  test('answers a drain at once when it holds nothing, or may send nothing', async () => {
    const world = await openWorld({ maxUnsettled: 2 });
    const taking = receive(await connect(world.port), { credit: 4_000_000_000 });
    taking.receiver.drain_credit();
    await until(() => taking.drained === 1);
    taking.receiver.drain = false;
    world.hold.fill(5);
    taking.receiver.add_credit(5);
    await until(() => taking.got.length === 2);
    taking.receiver.drain_credit();
    await until(() => taking.drained === 2);
    expect(world.listener.links()[0]).toMatchObject({ credit: 0, unsettled: 2 });
  });

  test('is shared by its receivers in turn, each record to one of them', async () => {
    const world = await openWorld();
    const takings = [];
    for (let i = 0; i < 3; i++) {
      takings.push(receive(await connect(world.port), { credit: 1_000, accept: true }));
    }
    await until(() => world.listener.links().filter(({ credit }) => credit > 0).length === 3);
    world.hold.fill(900);
    await until(() => world.hold.held === 0);
    expect(takings.map(({ got }) => got.length)).toEqual([300, 300, 300]);
    for (const taking of takings) {
      expect(ids(taking)).toEqual(ids(taking).sort((a, b) => a - b));
    }
    expect(takings.flatMap(ids).sort((a, b) => a - b)).toEqual(upTo(900));
  });

  test('drains 100,000 records beside a link of the same session that settles nothing', async () => {
    const world = await openWorld({ exits: ['results', 'stuck'] });
    world.holds.get('stuck')?.fill(2_000);
    world.hold.fill(100_000);
    // The client's own ring must have room for what it settles behind the stuck ones.
    const session = createSession(await connect(world.port), { incoming: 200_000 });
    const stuck = receive(session, { address: 'stuck', credit: 2_000 });
    await until(() => stuck.got.length === 1_024);
    let next = 1;
    const taking = session.open_receiver({ source: 'results', credit_window: 1_000 });
    taking.on('message', ({ message }) => {
      if (message?.message_id === next) next++;
    });
    await until(() => world.hold.held === 0);
    expect(next).toBe(100_001);
    expect(stuck.got.length).toBe(1_024);
  });

  test('serves a receiver that opens, takes one and closes, a thousand times', async () => {
    const world = await openWorld();
    world.hold.fill(1_000);
    // What it prefetches and leaves unsettled stays in the client's own ring.
    const session = createSession(await connect(world.port), { incoming: 20_000 });
    const seen: number[] = [];
    for (let i = 0; i < 1_000; i++) {
      const taking = receive(session, { credit: 10 });
      await until(() => taking.got.length > 0);
      seen.push(taking.got[0].id);
      taking.got[0].accept();
      taking.receiver.close();
      await until(() => taking.closed);
    }
    expect(seen).toEqual(upTo(1_000));
    expect([...world.hold.settled.values()].every((times) => times === 1)).toBe(true);
    expect(world.hold.held).toBe(0);
  });

  test('sends a message larger than the frame limit of its receiver in several frames', async () => {
    const world = await openWorld();
    world.hold.add('x'.repeat(800_000), 'last');
    const connection = await connect(world.port, { max_frame_size: 512 });
    const taking = receive(connection, { credit: 2, accept: true });
    await until(() => world.hold.held === 0);
    expect(taking.got.map(({ body }) => String(body).length)).toEqual([800_000, 4]);
  });
});

describe('a link', () => {
  test.each(['another connection', 'another session', 'the same session'])(
    'is taken over by a newer one of its name on %s',
    async (place) => {
      const world = await openWorld();
      world.hold.fill(10);
      const connection = await connect(world.port, { container_id: 'thief' });
      const older = receive(connection, { name: 'one', credit: 5 });
      await until(() => older.got.length === 5);
      let on: Parameters<typeof receive>[0] = connection;
      if (place === 'another connection') on = await connect(world.port, { container_id: 'thief' });
      if (place === 'another session') {
        on = createSession(connection);
      }
      // rhea, too, keeps links by name: the older one must get out of the way at the client.
      const { links } = older.receiver.session as unknown as { links: Record<string, unknown> };
      if (place === 'the same session') {
        const name = 'one';
        links[`${name} (older)`] = links[name];
        delete links[name];
      }
      const newer = receive(on, { name: 'one', credit: 10, accept: true });
      await until(() => older.closed && world.hold.held === 0);
      expect(older.error?.condition).toBe('amqp:link:stolen');
      expect(ids(newer)).toEqual(upTo(10));
      expect(world.listener.links()).toHaveLength(1);
    },
  );

  test('at an unknown address is answered, then detached with the nearest address', async () => {
    const world = await openWorld();
    const taking = receive(await connect(world.port), { address: 'resluts', credit: 1 });
    await until(() => taking.closed);
    expect(taking.error?.condition).toBe('amqp:not-found');
    expect(taking.error?.description).toContain('did you mean "results"?');
    expect(world.listener.everAttached('results')).toBe(false);
  });

  test.each([
    ['a bad address', { source: { address: 'no such thing!' } }, 'amqp:invalid-field'],
    ['no address', { source: {} }, 'amqp:invalid-field'],
    ['a dynamic node', { source: { address: '', dynamic: true } }, 'amqp:not-implemented'],
    [
      'a browser',
      { source: { address: 'results', distribution_mode: 'copy' } },
      'amqp:not-implemented',
    ],
  ])('that asks for %s is detached with an error', async (_, attach, condition) => {
    const world = await openWorld();
    world.hold.fill(1);
    const connection = await connect(world.port);
    const taking = receive(connection, { attach, credit: 1 });
    await until(() => taking.closed);
    expect(taking.error?.condition).toBe(condition);
    const good = receive(connection, { credit: 1 });
    await until(() => good.got.length === 1);
  });

  test('that wants to send is detached with an error, and its connection goes on', async () => {
    const world = await openWorld();
    world.hold.fill(1);
    const connection = await connect(world.port);
    let error: unknown;
    const sender = connection.open_sender({ target: 'results' });
    sender.on('sender_error', () => {
      error = sender.error;
    });
    await until(() => error !== undefined);
    expect(error).toMatchObject({ condition: 'amqp:not-implemented' });
    const good = receive(connection, { credit: 1 });
    await until(() => good.got.length === 1);
  });
});

describe('the listener', () => {
  test('knows who is and was attached', async () => {
    const world = await openWorld({ exits: ['results', 'other'] });
    const connection = await connect(world.port, { container_id: 'me' });
    const taking = receive(connection, { credit: 5, accept: true });
    world.hold.fill(2);
    await until(() => world.hold.held === 0);
    expect(world.listener.links()).toEqual([
      { exit: 'results', container: 'me', credit: 3, unsettled: 0, delivered: 2 },
    ]);
    expect(world.listener.attached('results')).toBe(1);
    taking.receiver.close();
    await until(() => taking.closed);
    expect(world.listener.attached('results')).toBe(0);
    expect(world.listener.everAttached('results')).toBe(true);
    expect(world.listener.everAttached('other')).toBe(false);
  });

  test('closes when what is in flight has its outcome, and offers nothing more', async () => {
    const world = await openWorld();
    world.hold.fill(10);
    const taking = receive(await connect(world.port), { credit: 5 });
    await until(() => taking.got.length === 5);
    const closing = world.listener.close(60_000);
    for (const got of taking.got) got.accept();
    await closing;
    expect(world.hold.held).toBe(5);
    expect(taking.got.length).toBe(5);
    expect(taking.error?.condition).toBe('amqp:connection:forced');
  });

  test('closes at its deadline when outcomes do not come', async () => {
    const world = await openWorld();
    world.hold.fill(1);
    const taking = receive(await connect(world.port), { credit: 5 });
    await until(() => taking.got.length === 1);
    await world.listener.close(1);
    await until(() => taking.closed);
    expect(world.hold.held).toBe(1);
  });

  test('says so when its port is taken', async () => {
    const { port } = await openWorld();
    const again = openAmqpListener({
      host: '127.0.0.1',
      port,
      maxFrame: 65_536,
      clock: systemClock,
      notify: () => {},
      exits: () => [],
      suggest: () => undefined,
    });
    await expect(again).rejects.toMatchObject({ slug: 'port-in-use', exitCode: 3 });
  });
});
