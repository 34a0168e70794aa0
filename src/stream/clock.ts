/** The system's clock, and one that a test or a replay moves by hand. */
import type { Cancel, Clock } from './port.ts';
import { MICROS_PER_MS, type Micros } from './time.ts';

/** setTimeout's own limit is 2^31 - 1 ms; longer waits are cut and taken up again. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  // performance.timeOrigin + now() would drift from the wall clock after a suspend.
  now: () => Date.now() * MICROS_PER_MS,
  elapsed: () => performance.now(),
  wake(at: Micros, call: () => void): Cancel {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const waitMs = Math.max(0, Math.ceil(at / MICROS_PER_MS - Date.now()));
      timer = setTimeout(
        () => (waitMs > LONGEST_WAIT_MS ? arm() : call()),
        Math.min(waitMs, LONGEST_WAIT_MS),
      );
    };
    arm();
    return () => clearTimeout(timer);
  },
};

interface Alarm {
  at: Micros;
  readonly call: () => void;
}

/** A clock that stands still until it is moved. Alarms fire inside `advance`, in order of time. */
export class ManualClock implements Clock {
  #now: Micros;
  #started: Micros;
  #alarms: Alarm[] = [];

  constructor(start: Micros) {
    this.#now = start;
    this.#started = start;
  }

  now(): Micros {
    return this.#now;
  }

  elapsed(): number {
    return (this.#now - this.#started) / MICROS_PER_MS;
  }

  /** When the next alarm is due; Infinity: none is set. */
  get next(): Micros {
    return this.#alarms.reduce((next, { at }) => Math.min(next, at), Number.POSITIVE_INFINITY);
  }

  wake(at: Micros, call: () => void): Cancel {
    const alarm: Alarm = { at, call };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** The clock on the wall is set, forward or back. Alarms wait as long as they would have, as timers do. */
  set(to: Micros): void {
    const by = to - this.#now;
    this.#started += by;
    for (const alarm of this.#alarms) alarm.at += by;
    this.#now = to;
  }

  /** Moves to `to`, firing alarms that fall due on the way, also those that alarms set. */
  advance(to: Micros): void {
    for (;;) {
      const due = this.#alarms
        .filter((alarm) => alarm.at <= to)
        .reduce<Alarm | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined);
      if (due === undefined) break;
      this.#alarms = this.#alarms.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.call();
    }
    this.#now = Math.max(this.#now, to);
  }
}
