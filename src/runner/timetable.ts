/**
 * Says when a schedule is due, each time once, whatever the system's clock does meanwhile: put back, it does not
 * make a time come again; put forward, or after a sleep of the machine, what was passed over is one late time.
 */
import type { Cancel, Clock } from '../stream/port.ts';
import { MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import { CronTimes } from '../topology/cron-times.ts';

/** Timers go by a clock that nobody sets: so often it is compared with the one on the wall. */
const LOOK_EVERY: Micros = 30 * MICROS_PER_SECOND;
/** What is noticed so much after its time has not been missed: two looks, and what a busy machine adds. */
const GRACE: Micros = 90 * MICROS_PER_SECOND;
/** A time that has been far ahead of the clock was that of a wrong clock. */
const AHEAD_MAX: Micros = 86_400 * MICROS_PER_SECOND;

export interface TimetableOptions {
  readonly cron: string;
  readonly timezone: string;
  /** All times up to this one are done with. */
  readonly since: Micros;
  readonly clock: Clock;
  /**
   * It is time, or was: `planned` is the newest time that has come.
   * @param missed the time passed while nobody looked
   */
  readonly onDue: (planned: Micros, missed: boolean) => void;
}

export class Timetable {
  readonly #options: TimetableOptions;
  readonly #times: CronTimes;
  #since: Micros;
  #next: Micros | undefined;
  #cancel: Cancel = () => {};
  #stopped = false;

  constructor(options: TimetableOptions) {
    this.#options = options;
    this.#times = new CronTimes(options.cron, options.timezone);
    this.#since = options.since;
    this.#next = this.#times.next(this.#since);
  }

  /** undefined: it is never due again. */
  get next(): Micros | undefined {
    return this.#next;
  }

  /** Looks at once, and from here on. */
  start(): void {
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #look(): void {
    const { clock, onDue } = this.#options;
    const now = clock.now();
    if (this.#since - now > AHEAD_MAX) this.#moveTo(now);
    if (this.#next !== undefined && this.#next <= now) {
      const planned = this.#times.last(now) ?? this.#next;
      this.#moveTo(planned);
      onDue(planned, now - planned > GRACE);
    }
    if (this.#stopped || this.#next === undefined) return;
    this.#cancel = clock.wake(Math.min(this.#next, now + LOOK_EVERY), () => this.#look());
  }

  #moveTo(since: Micros): void {
    this.#since = since;
    this.#next = this.#times.next(since);
  }
}
