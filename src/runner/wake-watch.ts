/**
 * Looks at what waits for a vehicle, and says when that is enough to start it: so many records, or one that has
 * waited for so long.
 */
import type { Cancel, Clock } from '../stream/port.ts';
import { MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import type { Wake } from '../topology/topology.ts';

/** Timers go by a clock that nobody sets: so often it is compared with the one on the wall. */
const LOOK_EVERY: Micros = 30 * MICROS_PER_SECOND;

/** What is held at the exits that are for a vehicle. */
export interface Waiting {
  readonly records: number;
  /** How many left these exits so far. */
  readonly taken: number;
  /** When the oldest of them came. @returns undefined: none is held any more */
  oldest(): Promise<Micros | undefined>;
}

export interface WakeWatchOptions {
  readonly wake: Wake;
  readonly clock: Clock;
  /** Of the vehicle, as it is at the moment. */
  readonly waiting: () => Waiting;
  /** Calls after each write to a hold. */
  readonly onHeld: (call: () => void) => Cancel;
  readonly onWake: () => void;
}

/** From `start` until it has called, or is stopped. */
export class WakeWatch {
  readonly #options: WakeWatchOptions;
  #cancel: Cancel = () => {};
  #cancelHeld: Cancel = () => {};
  /** It has been asked how old the oldest is, or the answer is waited for with the clock. */
  #timing = false;
  #stopped = false;

  constructor(options: WakeWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancelHeld = this.#options.onHeld(() => this.#look());
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#cancelHeld();
  }

  #look(): void {
    if (this.#stopped) return;
    const { wake, waiting } = this.#options;
    const { records } = waiting();
    if (wake.afterRecords !== null && records >= wake.afterRecords) this.#call();
    else if (wake.after !== null && records > 0 && !this.#timing) void this.#time(wake.after);
  }

  async #time(after: Micros): Promise<void> {
    const { clock, waiting } = this.#options;
    this.#timing = true;
    const oldest = await waiting().oldest();
    if (this.#stopped) return;
    const now = clock.now();
    if (oldest === undefined) {
      // All was taken meanwhile: what comes next is looked at.
      this.#timing = false;
      return;
    }
    if (oldest + after <= now) {
      this.#call();
      return;
    }
    this.#cancel = clock.wake(Math.min(oldest + after, now + LOOK_EVERY), () => {
      this.#timing = false;
      this.#look();
    });
  }

  #call(): void {
    this.stop();
    this.#options.onWake();
  }
}
