/**
 * How many connections there may be, and how often one may say so. A refused connection leaves no
 * trace in the log: who knocks too often must not be able to fill it.
 */
import type { Clock, Notify } from '../stream/port.ts';

/** Over all lanes. Each costs a descriptor and, while nothing is read, up to 80 KiB of socket buffer. */
export const TOTAL_CONNECTIONS_MAX = 10_000;

/** A flood of refusals is told once, then at most this often, with its count. */
const TELL_EVERY_MS = 10_000;

/** Counts the connections that share one cap. */
export class ConnectionRoom {
  readonly #max: number;
  #taken = 0;

  constructor(max: number = TOTAL_CONNECTIONS_MAX) {
    this.#max = max;
  }

  /** @returns false: the cap is reached, and nothing was taken */
  take(): boolean {
    if (this.#taken >= this.#max) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
  }
}

/** A warning about something that may happen a thousand times a second. */
export class SparseWarning {
  readonly #about: string;
  readonly #clock: Clock;
  readonly #notify: Notify;
  #saidMs = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(about: string, clock: Clock, notify: Notify) {
    this.#about = about;
    this.#clock = clock;
    this.#notify = notify;
  }

  say(text: string): void {
    const nowMs = this.#clock.elapsed();
    if (nowMs - this.#saidMs < TELL_EVERY_MS) {
      this.#unsaid++;
      return;
    }
    const more = this.#unsaid === 0 ? '' : ` (and ${this.#unsaid} more since the last warning)`;
    this.#saidMs = nowMs;
    this.#unsaid = 0;
    this.#notify({ level: 'warning', about: this.#about, text: text + more });
  }
}
