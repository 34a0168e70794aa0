import { afterEach, describe, expect, test } from '@jest/globals';
import { closeWorlds, openWorld } from '../tools/amqp-listener.ts';
import { hasProton, runPython, stopPython } from '../tools/proton.ts';

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
