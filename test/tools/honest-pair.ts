/** A listener with an exit `results` for peers of every kind, and beside it an exit whose receiver is in order. */
import { expect } from '@jest/globals';
import { ManualClock } from '../../src/stream/clock.ts';
import { openWorld, type World, type WorldOptions } from './amqp-listener.ts';
import type { MemoryHold } from './memory-hold.ts';
import { type Raw, rawConnect } from './raw-amqp.ts';
import { connect, ids, receive, type Taking } from './rhea-client.ts';
import { until } from './wait.ts';

const MICROS_PER_SECOND = 1_000_000;

export class HonestPair {
  readonly world: World;
  readonly clock: ManualClock;
  /** What the exit `results` holds. */
  readonly results: MemoryHold;
  readonly #honest: MemoryHold;
  readonly #taking: Taking;

  constructor(world: World, clock: ManualClock, taking: Taking) {
    const [honest, results] = world.holds.values();
    this.world = world;
    this.clock = clock;
    this.results = results;
    this.#honest = honest;
    this.#taking = taking;
  }

  static async open(options: WorldOptions = {}): Promise<HonestPair> {
    const clock = new ManualClock(0);
    const world = await openWorld({ exits: ['honest', 'results'], clock, ...options });
    const on = await connect(world.port);
    const pair = new HonestPair(
      world,
      clock,
      receive(on, { address: 'honest', credit: 100_000, accept: true }),
    );
    await pair.expectUnharmed();
    return pair;
  }

  /** The honest receiver still gets what comes, each record once and in order. */
  async expectUnharmed(): Promise<void> {
    const before = this.#taking.got.length;
    this.#honest.fill(50);
    await until(() => this.#honest.held === 0);
    expect(ids(this.#taking)).toEqual(Array.from({ length: before + 50 }, (_, i) => i + 1));
    expect(this.#taking.closed).toBe(false);
  }

  /** Connects by hand, and sends these bytes in one piece. */
  async send(...bytes: Buffer[]): Promise<Raw> {
    const raw = await rawConnect(this.world.port);
    raw.socket.write(Buffer.concat(bytes));
    return raw;
  }

  /** Moves the listener's clock on by seconds. */
  wait(seconds: number): void {
    this.clock.advance(this.clock.now() + seconds * MICROS_PER_SECOND);
  }
}
