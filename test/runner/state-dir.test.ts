/** A state directory between real processes: in use, left by one that was killed, and a number used again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openStateDir, type StateDir } from '../../src/runner/state-dir.ts';
import { systemClock } from '../../src/stream/clock.ts';
import { Place } from '../tools/product.ts';

const TOPOLOGY = `
version: 1
name: locked
http: false
amqp: { listen: 0 }
vehicles: { shop: { lanes: { orders: { listen: 0, fields: { id: long } } } } }
exits: { out: { from: orders, for: shop } }
`;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function open(stateDir: string, fresh = false): Promise<StateDir> {
  const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
  return openStateDir({ stateDir, durability: 'disk', fresh, clock: systemClock, random });
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'state-'));
  cleanups.push(() => rmSync(path, { recursive: true }));
  return path;
}

/** A process that does nothing until it is killed. */
async function sleeper(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)']);
  cleanups.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('two processes: the second is refused with exit code 3 and the number of the first, until that is killed', async () => {
  const place = new Place(TOPOLOGY);
  cleanups.push(() => place.remove());
  const first = await place.run().ready();
  const second = place.run();
  expect(await second.exited).toBe(3);
  expect(second.stderr).toContain(`is held by process ${first.process.pid}`);
  await first.kill();
  const third = await place.run().ready();
  expect(await third.stop()).toBe(0);
});

test('a lock that names a living process which started at another time is of a dead one', async () => {
  const path = folder();
  const child = await sleeper();
  const lock = join(path, 'LOCK');
  const written = (started: string): void =>
    writeFileSync(lock, JSON.stringify({ pid: child.pid, started, token: '0123456789abcdef' }));
  written('');
  await expect(open(path)).rejects.toMatchObject({ slug: 'state-locked', exitCode: 3 });
  written('another boot 1');
  const state = await open(path);
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid });
  await state.close();
});

test('a lock of a process that was killed is taken over, and each opening is counted', async () => {
  const path = folder();
  await (await open(path)).close();
  const child = await sleeper();
  const owner = { pid: child.pid, started: '', token: '0123456789abcdef' };
  writeFileSync(join(path, 'LOCK'), JSON.stringify(owner));
  await expect(open(path)).rejects.toMatchObject({
    message: expect.stringContaining(`process ${child.pid}`),
  });
  child.kill('SIGKILL');
  await once(child, 'close');
  const state = await open(path);
  expect(state.epoch).toBe(2);
  await state.close();
});

test("one set aside for a fresh start is nobody's, and the new one is held", async () => {
  const path = join(folder(), 'state');
  const old = await open(path);
  await old.close();
  const state = await open(path, true);
  const [name] = readdirSync(dirname(path)).filter((one) => one !== 'state');
  expect(readdirSync(join(dirname(path), name))).toEqual(['MANIFEST']);
  expect(readdirSync(path).sort()).toEqual(['LOCK', 'MANIFEST']);
  expect(state.pipelineId).not.toBe(old.pipelineId);
  await expect(open(path, true)).rejects.toMatchObject({ slug: 'state-locked' });
  await state.close();
  expect(readdirSync(path)).toEqual(['MANIFEST']);
});
