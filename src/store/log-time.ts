/**
 * Log time: arrival time that never goes back, not across restarts either. It jumps forward with the
 * wall clock; when the wall clock was set back, it goes on at half speed until it has been caught up.
 */
import type { Clock } from '../stream/port.ts';
import { EARLIEST, MICROS_PER_MS, type Micros } from '../stream/time.ts';

export class LogTime {
  readonly #clock: Clock;
  #last: Micros = EARLIEST;
  #elapsed: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#elapsed = clock.elapsed();
  }

  /** Goes on after `last`, the time of the newest entry there is. */
  restore(last: Micros): void {
    this.#last = last;
    this.#elapsed = this.#clock.elapsed();
  }

  /** @returns whole microseconds, not before any that it returned */
  stamp(): Micros {
    const wall = Math.floor(this.#clock.now());
    const elapsed = this.#clock.elapsed();
    const half = Math.floor(((elapsed - this.#elapsed) * MICROS_PER_MS) / 2);
    const next = Math.max(wall, this.#last + half);
    // Parts of a microsecond are not forgotten: many quick stamps must not stand still for ever.
    if (next > this.#last) {
      this.#last = next;
      this.#elapsed = elapsed;
    }
    return this.#last;
  }
}
