import { lookup } from 'node:dns/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_RETRY, type DialState } from '../../src/lanes/dialler.ts';
import type { LaneOptions } from '../../src/lanes/lane.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { until } from '../tools/wait.ts';
import { closeWorlds, type LaneWorld, openWorld } from './lane-world.ts';

const vehicles: Vehicle[] = [];

/** A program that listens and takes whoever dials. */
class Vehicle {
  readonly server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    this.peers.push(socket);
  });
  readonly peers: Socket[] = [];
  port = 0;

  static async listen(port = 0, host = '127.0.0.1'): Promise<Vehicle> {
    const vehicle = new Vehicle();
    vehicles.push(vehicle);
    await new Promise<void>((done, fail) => {
      vehicle.server.once('error', fail);
      vehicle.server.listen(port, host, done);
    });
    const bound = vehicle.server.address();
    vehicle.port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return vehicle;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}

afterEach(async () => {
  await closeWorlds();
  for (const vehicle of vehicles.splice(0)) await vehicle.close();
});

/** A port where nobody listens. */
async function deadPort(): Promise<number> {
  const vehicle = await Vehicle.listen();
  await vehicle.close();
  return vehicle.port;
}

interface DialWorld extends LaneWorld {
  readonly clock: ManualClock;
  dial(): DialState;
  phase(): string;
}

async function openDialling(
  port: number,
  options: Partial<LaneOptions> = {},
  host?: string,
): Promise<DialWorld> {
  const clock = new ManualClock(0);
  const connect = host === undefined ? { port } : { host, port };
  const address = { connect, retry: DEFAULT_RETRY };
  const world = await openWorld({ address, clock, ...options });
  const dial = (): DialState => world.lane.state().dial as DialState;
  return { ...world, clock, dial, phase: () => dial().phase };
}

/** The pauses that a lane makes before its next tries, in milliseconds, while nobody listens. */
async function pauses(count: number, random: () => number): Promise<number[]> {
  const { clock, dial, phase } = await openDialling(await deadPort(), { random });
  const found: number[] = [];
  while (found.length < count) {
    await until(() => phase() === 'waiting');
    const next = dial().nextTry ?? Number.NaN;
    found.push((next - clock.now()) / 1000);
    clock.advance(next);
    await until(() => dial().nextTry !== next);
  }
  return found;
}

describe('the pause before the next try', () => {
  test('grows from one second to thirty', async () => {
    const found = await pauses(8, () => 0.999_999_999);
    expect(found.map(Math.ceil)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('is drawn from its whole range', async () => {
    const draws = [0, 0.25, 0.5, 0];
    const found = await pauses(4, () => draws.shift() ?? 0);
    expect(found).toEqual([0, 500, 2000, 0]);
  });
});

describe('a lane that dials', () => {
  test('says once that it was refused, goes on trying, and says when it got through', async () => {
    const port = await deadPort();
    const { lane, journal, notices, clock, dial, phase } = await openDialling(port);
    for (let i = 0; i < 3; i++) {
      await until(() => phase() === 'waiting');
      clock.advance(dial().nextTry ?? 0);
      await until(() => phase() !== 'connecting');
    }
    expect(dial().failure).toBe('refused');
    expect(lane.state().note).toBe('refused, next try in 4 s');
    const vehicle = await Vehicle.listen(port);
    clock.advance(dial().nextTry ?? 0);
    await until(() => vehicle.peers.length === 1 && phase() === 'connected');
    expect(lane.state()).toMatchObject({ open: 1, note: '' });
    vehicle.peers[0]?.write('one line\n');
    await until(() => journal.total === 9);
    expect(journal.story(1)).toEqual(['opened', 'chunk']);
    expect(notices.map(({ level, text }) => `${level} ${text}`)).toEqual([
      `warning 127.0.0.1:${port} refused; trying again until it answers`,
      `info 127.0.0.1:${port} connected`,
    ]);
  });

  test('dials again after the vehicle has left, with the pauses from their beginning', async () => {
    const vehicle = await Vehicle.listen();
    const { lane, journal, clock, dial, phase } = await openDialling(vehicle.port);
    for (let turn = 1; turn <= 3; turn++) {
      await until(() => vehicle.peers.length === turn);
      vehicle.peers[turn - 1]?.end(`turn ${turn}\n`);
      await until(() => phase() === 'waiting');
      expect(dial()).toMatchObject({ failure: null, nextTry: clock.now() + 500_000 });
      expect(lane.state().note).toBe('disconnected, next try in 1 s');
      clock.advance(clock.now() + 500_000);
    }
    await until(() => vehicle.peers.length === 4);
    expect(journal.story(2)).toEqual(['opened', 'chunk', 'closed end']);
    expect(lane.state()).toMatchObject({ ever: 4 });
  });

  test('makes longer pauses where connections end at once without a byte', async () => {
    const vehicle = await Vehicle.listen();
    const { clock, dial, phase } = await openDialling(vehicle.port);
    const found: number[] = [];
    for (let turn = 1; turn <= 4; turn++) {
      await until(() => vehicle.peers.length === turn);
      vehicle.peers[turn - 1]?.end();
      await until(() => phase() === 'waiting');
      const next = dial().nextTry ?? 0;
      found.push((next - clock.now()) / 1000);
      clock.advance(next);
    }
    expect(found).toEqual([500, 1000, 2000, 4000]);
  });

  test('keeps one connection at a time', async () => {
    const vehicle = await Vehicle.listen();
    const { lane, clock, phase } = await openDialling(vehicle.port);
    await until(() => phase() === 'connected' && vehicle.peers.length === 1);
    clock.advance(3_600_000_000);
    vehicle.peers[0]?.write('still the one\n');
    await until(() => lane.state().bytes > 0);
    expect(vehicle.peers).toHaveLength(1);
  });

  test('finds a vehicle behind a name, whichever family it listens on', async () => {
    const addresses = await lookup('localhost', { all: true });
    expect(addresses.length).toBeGreaterThan(0);
    for (const { address, family } of addresses) {
      const vehicle = await Vehicle.listen(0, address);
      const { journal, phase } = await openDialling(vehicle.port, {}, 'localhost');
      await until(() => phase() === 'connected');
      const host = family === 6 ? `[${address}]` : address;
      const peer = `${host}:${vehicle.port}`;
      expect(journal.entries[0]).toMatchObject({ kind: 'opened', peer });
    }
  });

  test('says that a name does not exist', async () => {
    const { dial, phase } = await openDialling(1, {}, 'nobody.invalid');
    await until(() => phase() === 'waiting');
    expect(dial().failure).toBe('name not found');
  });

  test('dials no more once it is stopped', async () => {
    const port = await deadPort();
    const { lane, clock, phase } = await openDialling(port);
    await until(() => phase() === 'waiting');
    await lane.stop(0);
    const vehicle = await Vehicle.listen(port);
    clock.advance(3_600_000_000);
    // The lane would have been the first to knock.
    const other = await openDialling(port);
    await until(() => vehicle.peers.length === 1);
    expect(other.lane.state().dial?.phase).toBe('connected');
    expect(lane.state()).toMatchObject({ open: 0, ever: 0 });
  });

  test('that is stopped while a vehicle is silent closes at once', async () => {
    const vehicle = await Vehicle.listen();
    const { lane, journal, clock, phase } = await openDialling(vehicle.port);
    await until(() => phase() === 'connected');
    clock.advance(1_000_000);
    const stopped = lane.stop(3_600_000);
    clock.advance(2_000_000);
    await stopped;
    expect(journal.story(1)).toEqual(['opened', 'closed stop']);
  });
});
