/**
 * A deadline that is moved often and passes seldom. Moving it is one assignment: the alarm that is
 * already set finds out, when it rings, that it rang too early, and is set again.
 */
import type { Cancel, Clock } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';

export class Deadline {
  readonly #clock: Clock;
  readonly #passed: () => void;
  #at: number | undefined; // in milliseconds of clock.elapsed()
  #cancel: Cancel | undefined;
  #rings = 0; // when the alarm rings, on the same scale

  constructor(clock: Clock, passed: () => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  get running(): boolean {
    return this.#at !== undefined;
  }

  /** Starts, or starts anew: passes `ms` milliseconds from now. */
  start(ms: number): void {
    this.#at = this.#clock.elapsed() + ms;
    if (this.#cancel !== undefined && this.#rings > this.#at) this.#disarm();
    if (this.#cancel === undefined) this.#arm(ms);
  }

  /** It will not pass. The alarm may still ring, in vain. */
  stop(): void {
    this.#at = undefined;
  }

  /** Leaves no alarm behind; for the end of its owner. */
  dispose(): void {
    this.#at = undefined;
    this.#disarm();
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#rings = this.#clock.elapsed() + ms;
    this.#cancel = this.#clock.wake(this.#clock.now() + ms * MICROS_PER_MS, () => {
      this.#cancel = undefined;
      if (this.#at === undefined) return;
      // The two scales of a clock may differ by less than a millisecond.
      const left = this.#at - this.#clock.elapsed();
      if (left >= 1) return this.#arm(left);
      this.#at = undefined;
      this.#passed();
    });
  }
}
