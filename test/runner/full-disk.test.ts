/** Too little disk: first lanes are not read, then writing fails with a sentence; nothing is lost either way. */

import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { askControl } from '../../src/runner/control.ts';
import { DiskSpace } from '../../src/runner/disk-space.ts';
import { PressureGate } from '../../src/runner/gate.ts';
import type { Status } from '../../src/runner/status.ts';
import { systemError } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { CrashDisk } from '../tools/crash-disk.ts';
import { take } from '../tools/drain.ts';
import { held, openShard } from '../tools/flow-world.ts';
import { finish, Place, Product, until } from '../tools/product.ts';
import { SmallDisk } from '../tools/small-disk.ts';

const START = 1_767_225_600_000_000;
const MIB = 1024 ** 2;
const TOPOLOGY = `
version: 1
name: small
http: false
amqp: { listen: 0 }
vehicles: { shop: { lanes: { orders: { listen: 0, fields: { id: long } } } } }
exits: { out: { from: orders, for: shop } }
`;

describe('the watch over free space', () => {
  async function watched(total: number): Promise<{
    readonly disk: CrashDisk;
    readonly gate: PressureGate;
    /** What the gate says after the next look, with so much free. */
    look(free: number): Promise<readonly string[]>;
    readonly space: DiskSpace;
  }> {
    const disk = new CrashDisk();
    disk.total = total;
    const clock = new ManualClock(START);
    const gate = new PressureGate();
    const space = new DiskSpace(disk, 'state', clock, gate);
    await space.watch();
    const look = async (free: number): Promise<readonly string[]> => {
      disk.free = free;
      clock.advance(clock.now() + 1_000_000);
      await new Promise(setImmediate);
      return gate.reasons;
    };
    return { disk, gate, look, space };
  }

  test('closes the gate below the lesser of 5 % and 1 GiB, and opens it at twice as much', async () => {
    for (const [total, mark] of [
      [100 * MIB, 5 * MIB],
      [10 ** 6 * MIB, 1024 * MIB],
    ]) {
      const { look } = await watched(total);
      expect(await look(mark)).toEqual([]);
      expect(await look(mark - 1)).toEqual([expect.stringContaining('of disk are free')]);
      expect(await look(2 * mark - 1)).toHaveLength(1);
      expect(await look(2 * mark)).toEqual([]);
      expect(await look(mark)).toEqual([]);
    }
  });

  test('goes on after a look that failed, and ends when it is closed', async () => {
    const { disk, look, space } = await watched(100 * MIB);
    expect(await look(MIB)).toHaveLength(1);
    disk.before = (call) => {
      throw systemError('EIO', call);
    };
    expect(await look(90 * MIB)).toHaveLength(1);
    disk.before = () => {};
    expect(await look(90 * MIB)).toEqual([]);
    space.close();
    expect(await look(MIB)).toEqual([]);
  });
});

describe('a disk that is full', () => {
  test('at any call stops the shard with exit code 5, and after room was made nothing is lost', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `{"id":${i},"note":"${'x'.repeat(200)}"}\n`);
    let stopped = 0;
    for (let k = 1; stopped === k - 1; k++) {
      const disk = new CrashDisk(k % 2 === 0);
      let calls = 0;
      const { shard, failures } = await openShard(disk, new ManualClock(START), TOPOLOGY);
      await shard.settled();
      disk.before = (call) => {
        // From here on nothing that takes room succeeds; what syncs or reads does.
        if (/^(write|open)/.test(call) && ++calls >= k) throw systemError('ENOSPC', call);
      };
      const [{ id: lane }] = shard.plan.lanes;
      shard.append({ kind: 'opened', lane, connection: 1, peer: 'test' });
      let delivered = 0;
      for (const line of lines) {
        if (failures.length > 0) break;
        const { lsn } = shard.append({
          kind: 'chunk',
          lane,
          connection: 1,
          bytes: Buffer.from(line),
        });
        await shard.settled();
        if (failures.length === 0) delivered++;
        expect(lsn).toBeGreaterThan(0);
        const [out] = [...shard.holds.values()];
        if (delivered % 10 === 5) out.settle(1, delivered - 2);
        await new Promise(setImmediate);
      }
      const before = shard.account().lanes[0].records;
      disk.before = () => {};
      if (failures.length > 0) {
        stopped++;
        expect(failures[0]).toMatchObject({
          slug: 'disk-full',
          exitCode: 5,
          message: expect.stringContaining('no space is left for'),
        });
      } else await shard.close();
      const again = await openShard(disk, new ManualClock(START), TOPOLOGY);
      expect(again.failures).toEqual([]);
      const { lanes, exits } = again.shard.account();
      expect(lanes[0].records).toBeGreaterThanOrEqual(Math.max(before, delivered));
      expect(exits[0].numbered).toBe(lanes[0].records);
      const [out] = [...(await held(again.shard)).values()];
      const { delivered: acknowledged } = [...again.shard.holds.values()][0].counts();
      expect(out).toHaveLength(lanes[0].records - acknowledged);
      await again.shard.close();
    }
    expect(stopped).toBeGreaterThan(40);
  });

  const small = SmallDisk.mount(16);
  small?.unmount();
  const real = small === undefined ? test.skip : test;
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });

  function start(): { readonly disk: SmallDisk; readonly place: Place; run(): Promise<Product> } {
    const disk = SmallDisk.mount(16);
    if (disk === undefined) throw new Error('what could be mounted before cannot be mounted now');
    const place = new Place(TOPOLOGY, join(disk.folder, 'state'));
    cleanups.push(
      () => disk.unmount(),
      () => place.remove(),
    );
    const run = (): Promise<Product> => {
      const product = place.run();
      cleanups.push(() => product.kill());
      return product.ready();
    };
    return { disk, place, run };
  }

  const linesOf = (first: number, count: number): string =>
    Array.from({ length: count }, (_, i) => `{"id":${first + i}}\n`).join('');
  const isLow = ({ pressure }: Status): boolean =>
    pressure.some((reason) => reason.includes('of disk are free'));
  const recordsOf = ({ account }: Status): number => account.lanes[0].records;

  real('in earnest ends with exit code 5 and a sentence, and goes on with all it had', async () => {
    const { disk, place, run } = start();
    const product = await run();
    const socket = await place.dial('orders');
    socket.on('error', () => {});
    socket.write(linesOf(0, 1000));
    await until(async () => recordsOf(await place.status()) === 1000);
    const full = (): boolean => product.stderr.includes('no space is left for');
    for (let sent = 1000; !full(); sent += 1000) {
      disk.leave(0);
      socket.write(linesOf(sent, 1000));
      // The watch may look before the lines come: then it is tried again.
      const low = await until(async () => {
        const status = (await askControl(place.state)) as Status | undefined;
        return full() ? 'full' : status !== undefined && isLow(status) && 'low';
      });
      if (low === 'full') break;
      disk.give();
      await until(async () => !isLow(await place.status()));
    }
    expect(await product.exited).toBe(5);
    expect(product.stderr).toContain('nothing that was acknowledged is lost');
    disk.give();
    const again = await run();
    const { account, amqp } = await place.status();
    const [{ records }] = account.lanes;
    expect(records).toBeGreaterThanOrEqual(1000);
    const received = await take(amqp, 'out', records, true, 500);
    expect(received.map(({ id }) => id)).toEqual(Array.from({ length: records }, (_, i) => i + 1));
    expect(received.map(({ body }) => Object(body).id)).toEqual(received.map(({ id }) => id - 1));
    expect(await again.stop()).toBe(0);
  });

  real('nearly has no lane read, from the start on, until there is room again', async () => {
    const { disk, place, run } = start();
    await (await run()).stop();
    disk.leave(400 * 1024);
    const product = await run();
    expect(isLow(await place.status())).toBe(true);
    const socket = await place.dial('orders');
    socket.write(linesOf(0, 50_000));
    for (let look = 0; look < 20; look++) expect(recordsOf(await place.status())).toBe(0);
    disk.give();
    await until(async () => recordsOf(await place.status()) === 50_000);
    expect((await place.status()).pressure.filter((reason) => reason.includes('disk'))).toEqual([]);
    await finish(socket);
    expect(await product.stop()).toBe(0);
  });

  real(
    'still lets a start serve what is held, with room for little more than a few small files',
    async () => {
      const { disk, place, run } = start();
      const first = await run();
      const socket = await place.dial('orders');
      socket.write(linesOf(0, 5000));
      await finish(socket);
      await until(async () => recordsOf(await place.status()) === 5000);
      await first.stop();
      disk.leave(96 * 1024);
      const product = await run();
      const { amqp } = await place.status();
      const received = await take(amqp, 'out', 5000, true, 500);
      expect(received.map(({ id }) => id)).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
      expect(await product.stop()).toBe(0);
    },
  );

  test('or a file that may not grow ends with exit code 5, and what was computed before comes back', async () => {
    const place = new Place(TOPOLOGY);
    cleanups.push(() => place.remove());
    // 2 or 4 MiB a file, as the shell counts: a real limit of the system that needs no rights.
    const args = ['run', place.file, '--state-dir', place.state];
    const product = await new Product(args, {}, 'ulimit -f 4096').ready();
    cleanups.push(() => product.kill());
    const socket = await place.dial('orders');
    socket.on('error', () => {});
    socket.write(linesOf(0, 1000));
    await until(async () => recordsOf(await place.status()) === 1000);
    for (let sent = 1000; sent < 1_000_000; sent += 10_000) socket.write(linesOf(sent, 10_000));
    expect(await product.exited).toBe(5);
    expect(product.stderr).toContain('error storage-failed');
    const again = await place.run().ready();
    cleanups.push(() => again.kill());
    const [lane] = (await place.status()).account.lanes;
    expect(lane.records).toBeGreaterThanOrEqual(1000);
    const { numbered } = (await place.status()).account.exits[0];
    expect(numbered).toBe(lane.records);
    expect(await again.stop()).toBe(0);
  });

  if (small === undefined) {
    test('is not tried in earnest, as this process may not mount a file system', () => {
      expect(SmallDisk.mount(16)).toBeUndefined();
    });
  }
});
