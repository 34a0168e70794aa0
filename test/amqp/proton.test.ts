import { afterEach, describe, expect, test } from '@jest/globals';
import { closeWorlds, openWorld } from '../tools/amqp-listener.ts';
import { hasProton, runPython, stopPython } from '../tools/proton.ts';
import { until } from '../tools/wait.ts';

afterEach(async () => {
  stopPython();
  await closeWorlds();
});

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const line = (n: number, attempts = 0): string => `${n} {'n': ${n}} ${attempts}`;

(hasProton ? describe : describe.skip)('Qpid Proton for Python', () => {
  test.each(['default', 'pipelined'])('receives all that is held, in order (%s)', async (mode) => {
    const world = await openWorld();
    world.hold.fill(2_000);
    const ended = await runPython('proton_receiver.py', world.port, 'results', 2_000, mode);
    expect(ended).toMatchObject({ status: 0, errors: '' });
    expect(ended.lines).toEqual(upTo(2_000).map((n) => line(n)));
    expect(world.hold.held).toBe(0);
  });

  test('gets what it did not settle again, in order and with the same numbers', async () => {
    const world = await openWorld();
    world.hold.fill(15);
    const first = await runPython('proton_receiver.py', world.port, 'results', 10, 'none');
    expect(first.lines).toEqual(upTo(10).map((n) => line(n)));
    expect(world.hold.held).toBe(15);
    const second = await runPython('proton_receiver.py', world.port, 'results', 15);
    expect(second.lines).toEqual(upTo(15).map((n) => line(n, n > 10 ? 0 : 1)));
    expect(world.hold.held).toBe(0);
  });

  test('gets what it released again', async () => {
    const world = await openWorld();
    world.hold.fill(3);
    const ended = await runPython('proton_receiver.py', world.port, 'results', 3, 'release');
    expect([...ended.lines].sort()).toEqual(upTo(3).flatMap((n) => [line(n, 0), line(n, 1)]));
    expect(world.hold.held).toBe(0);
  });

  test('has its drain answered', async () => {
    const world = await openWorld();
    world.hold.fill(2);
    const ended = await runPython('proton_receiver.py', world.port, 'results', 2, 'drain');
    expect(ended.lines).toEqual([line(1), line(2), 'drained']);
  });

  test('has a drain answered whose credit what is held uses up', async () => {
    const world = await openWorld();
    world.hold.fill(20);
    const ended = await runPython('proton_receiver.py', world.port, 'results', 0, 'drain');
    expect(ended.lines).toEqual([...upTo(10).map((n) => line(n)), 'drained']);
    expect(world.hold.held).toBe(10);
  });

  test('gets back what it released or failed on, others meanwhile; what it rejects is a dead letter', async () => {
    const world = await openWorld();
    world.hold.fill(5);
    const answers = ['1=fail', '2=release', '3=reject'];
    const ended = await runPython('proton_outcomes.py', world.port, 'answers', 5, ...answers);
    expect(ended).toMatchObject({ status: 0, errors: '' });
    expect(ended.lines.slice(0, 5)).toEqual(upTo(5).map((n) => `${n} 0`));
    expect(ended.lines.slice(5)).toEqual(['2 1', '1 1']);
    const refusal = { reason: 'rejected', condition: 'shop:no', description: 'not for us' };
    expect(world.moved).toMatchObject([{ sequence: 3, ...refusal }]);
    await until(() => world.hold.held === 0);
  });

  test('leaves what it says is undeliverable here to the next', async () => {
    const world = await openWorld();
    world.hold.fill(3);
    const first = await runPython('proton_outcomes.py', world.port, 'answers', 2, '1=elsewhere');
    expect(first.lines).toEqual(['1 0', '2 0', '3 0']);
    const next = await runPython('proton_outcomes.py', world.port, 'answers', 1);
    expect(next.lines).toEqual(['1 1']);
    expect(world.moved).toEqual([]);
  });

  test('gets as much as its credit: 0, 1, 1,000', async () => {
    const world = await openWorld({ exits: ['results', 'other'] });
    world.hold.fill(1_500);
    world.holds.get('other')?.fill(1);
    const ended = await runPython('proton_outcomes.py', world.port, 'credit', 0, 1, 1_000);
    expect(ended).toMatchObject({ status: 0, errors: '' });
    const by = (name: string): number =>
      ended.lines.filter((one) => one.startsWith(`${name} `)).length;
    expect(['0', '1', '1000', 'other'].map(by)).toEqual([0, 1, 1_000, 1]);
    expect(world.hold.held).toBe(499);
  });

  test('has its receivers served in turn', async () => {
    const world = await openWorld();
    const running = runPython('proton_outcomes.py', world.port, 'share', 3, 900);
    await until(() => world.listener.links().filter(({ credit }) => credit > 0).length === 3);
    world.hold.fill(900);
    const { lines } = await running;
    const got = ['0', '1', '2'].map((name) => lines.filter((one) => one.startsWith(`${name} `)));
    expect(got.map(({ length }) => length)).toEqual([300, 300, 300]);
    const numbers = lines.map((one) => Number(one.split(' ')[1]));
    expect(numbers.sort((a, b) => a - b)).toEqual(upTo(900));
  });

  test('takes a link over from itself: the newer one gets what the older had in hand', async () => {
    const world = await openWorld();
    world.hold.fill(3);
    const { lines } = await runPython('proton_outcomes.py', world.port, 'steal');
    expect(lines.filter((one) => one.startsWith('older'))).toEqual(
      upTo(3).map((n) => `older ${n} 0`),
    );
    expect(lines.filter((one) => one.startsWith('newer'))).toEqual(
      upTo(3).map((n) => `newer ${n} 1`),
    );
    expect(lines).toContain('amqp:link:stolen');
    await until(() => world.hold.held === 0);
  });

  test('is told the nearest address when its own is unknown', async () => {
    const world = await openWorld();
    const ended = await runPython('proton_receiver.py', world.port, 'resuls', 1);
    expect(ended.lines).toEqual([
      'amqp:not-found no exit has the address "resuls"; did you mean "results"?',
    ]);
  });

  test('may open a receiver, take one and close it, a thousand times', async () => {
    const world = await openWorld();
    world.hold.fill(1_000);
    const ended = await runPython('proton_blocking.py', world.port, 'results', 1_000);
    expect(ended).toMatchObject({ status: 0, errors: '' });
    expect(ended.lines.map(Number)).toEqual(upTo(1_000));
    expect([...world.hold.settled.values()].every((times) => times === 1)).toBe(true);
    expect(world.hold.held).toBe(0);
  });
});
