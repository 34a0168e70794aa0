import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { closeWorlds } from '../tools/amqp-listener.ts';
import { HonestPair } from '../tools/honest-pair.ts';
import {
  AMQP,
  attach,
  begin,
  destroySockets,
  flow,
  hello,
  open,
  performative,
  rawConnect,
  SASL,
  uint,
} from '../tools/raw-amqp.ts';
import { connect, disconnectAll, receive } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

let pair: HonestPair;

afterEach(async () => {
  destroySockets();
  disconnectAll();
  await closeWorlds();
});

const served = Buffer.concat([hello, attach(0, 'one'), flow(0, 10)]);

describe('a peer that is slow', () => {
  beforeEach(async () => {
    pair = await HonestPair.open();
  });

  test.each<[string, number, Buffer[]]>([
    ['says nothing', 5, []],
    ['stops in the protocol header', 5, [AMQP.subarray(0, 5)]],
    ['stops in SASL', 5, [SASL]],
    ['stops before open', 10, [AMQP]],
    ['stops in open', 10, [AMQP, open().subarray(0, 20)]],
    ['stops in a later frame', 30, [hello, attach(0, 'one').subarray(0, 30)]],
  ])('and %s is cut off after %i s', async (_, seconds, bytes) => {
    const raw = await rawConnect(pair.world.port);
    if (bytes.length > 0) raw.socket.write(Buffer.concat(bytes));
    // What is expected to have been read shows in the answer, or in a second connection's.
    const answered = bytes.length > 0 && bytes[0].length >= 8;
    if (answered) await until(() => raw.bytes().length > 0);
    await pair.expectUnharmed();
    pair.wait(seconds - 0.1);
    await pair.expectUnharmed();
    expect(raw.closed).toBe(false);
    pair.wait(0.2);
    await until(() => raw.closed);
    await pair.expectUnharmed();
  });

  /** Attaches with more credit and window than it will ever read. */
  async function stopReading(): Promise<void> {
    pair.results.add(...Array(40).fill('x'.repeat(1_000_000)));
    const raw = await rawConnect(pair.world.port);
    raw.socket.pause();
    const granted = [uint(0), uint(1_000_000), uint(0), uint(1), uint(0), uint(0), uint(1_000)];
    raw.socket.write(Buffer.concat([hello, attach(0, 'one'), performative(0x13, granted)]));
  }

  test('and does not read has four MiB and a message in flight, not more', async () => {
    await stopReading();
    const unsettled = (): number =>
      pair.world.listener.links().find(({ exit }) => exit === 'results')?.unsettled ?? 0;
    await until(() => unsettled() === 5);
    await pair.expectUnharmed();
    expect(unsettled()).toBe(5);
  });

  test('and takes nothing of what waits for it is cut off after a minute', async () => {
    await closeWorlds();
    pair = await HonestPair.open({ limits: { inFlightBytes: 64 * 1024 * 1024 } });
    await stopReading();
    await until(() => pair.world.listener.attached('results') === 1);
    await until(() => {
      pair.wait(61);
      return pair.world.listener.attached('results') === 0;
    });
    expect(pair.world.notices[0].text).toContain('it takes nothing of what is sent to it');
    expect(pair.results.held).toBe(40);
    await pair.expectUnharmed();
  });
});

describe('a peer that falls silent', () => {
  test('is noticed, and its records come back', async () => {
    pair = await HonestPair.open({ limits: { idleMs: 50 } });
    pair.results.fill(1);
    const raw = await pair.send(served);
    await until(() => raw.codes().at(-1) === 0x14);
    await until(() => pair.world.listener.attached('results') === 0);
    await until(() => raw.closed);
    const next = receive(await connect(pair.world.port), { credit: 1 });
    await until(() => next.got.length === 1);
    expect(next.got[0].deliveryCount).toBe(1);
  });
});

describe('strangers', () => {
  test('beyond the first few wait unread, and those beyond the waiting room are closed', async () => {
    pair = await HonestPair.open({ limits: { strangers: 3, parked: 2 } });
    const silent = [];
    for (let i = 0; i < 3; i++) silent.push(await rawConnect(pair.world.port));
    const waiting = [await pair.send(served), await pair.send(served)];
    const turnedAway = await rawConnect(pair.world.port);
    await until(() => turnedAway.closed);
    await pair.expectUnharmed();
    expect(waiting.map((raw) => raw.bytes().length)).toEqual([0, 0]);
    silent[1].socket.destroy();
    await until(() => waiting[0].codes().includes(0x12));
    // It is a stranger no more, so that the next one's turn has come too.
    await until(() => waiting[1].codes().includes(0x12));
    await pair.expectUnharmed();
  });

  test('are told of one at a time', async () => {
    pair = await HonestPair.open();
    for (let i = 0; i < 5; i++) {
      const raw = await pair.send(AMQP, begin());
      await until(() => raw.closed);
    }
    expect(pair.world.notices).toHaveLength(1);
    pair.wait(11);
    const raw = await pair.send(AMQP, begin());
    await until(() => raw.closed);
    expect(pair.world.notices).toHaveLength(2);
    expect(pair.world.notices[1].text).toContain('(and 4 others before it): a frame before open');
  });
});
