/**
 * The instants at which a schedule is due: those of its times on the wall of its zone, each once. A function of
 * the cron, the zone and the rules of zones that the runtime has; no clock is asked.
 */
import assert from 'node:assert';
import { MICROS_PER_MS, type Micros } from '../stream/time.ts';
import { type Cron, parseCron } from './cron.ts';
import { Zone, type ZoneDay } from './zone.ts';

const DAY_MS = 86_400_000;
/** The 29th of February is missing for eight years around a century: a day beyond them never comes. */
const DAYS_MAX = 9 * 366;

export class CronTimes {
  readonly #cron: Cron;
  readonly #zone: Zone;

  /** @param text a cron that `parseCron` reads; @param timezone one that `isZone` */
  constructor(text: string, timezone: string) {
    const cron = parseCron(text);
    assert(!('problem' in cron), 'a cron that was refused is used');
    this.#cron = cron;
    this.#zone = new Zone(timezone);
  }

  /** @returns the first due time after an instant; undefined: there is none */
  next(after: Micros): Micros | undefined {
    return this.#search(after, 1, (times) => times.firstAfter(after / MICROS_PER_MS));
  }

  /** @returns the last due time that is not after an instant; undefined: there is none */
  last(until: Micros): Micros | undefined {
    return this.#search(until, -1, (times) => times.lastUntil(until / MICROS_PER_MS));
  }

  /**
   * Times on the wall that clock changes skip or let come twice, in the days from an instant on.
   * @returns milliseconds of a clock in UTC that shows the same
   */
  *changed(from: Micros, days: number): Generator<{ wall: number; to: number; skipped: boolean }> {
    const start = midnightOf(from / MICROS_PER_MS);
    for (let day = 0; day < days; day++) {
      const midnight = start + day * DAY_MS;
      if (!matchesDay(this.#cron, midnight)) continue;
      const times = new DayTimes(this.#cron, midnight, this.#zone.day(midnight));
      const { change } = times;
      if (change === undefined) continue;
      const skipped = change.to > change.from;
      const wall = times.firstOnWall(Math.min(change.from, change.to));
      if (wall === undefined || wall >= Math.max(change.from, change.to)) continue;
      yield { wall, to: change.to, skipped };
    }
  }

  #search(
    from: Micros,
    step: 1 | -1,
    find: (times: DayTimes) => number | undefined,
  ): Micros | undefined {
    const today = midnightOf(this.#zone.wallOf(from / MICROS_PER_MS));
    // What a change of the clocks moves may belong to the day before, or to the one behind.
    for (let day = -1; day < DAYS_MAX; day++) {
      const midnight = today + step * day * DAY_MS;
      if (!matchesDay(this.#cron, midnight)) continue;
      const found = find(new DayTimes(this.#cron, midnight, this.#zone.day(midnight)));
      if (found !== undefined) return found * MICROS_PER_MS;
    }
    return undefined;
  }
}

/** The due times of one day, which rise: by their number, without a list of them. */
class DayTimes {
  readonly #cron: Cron;
  readonly #midnight: number;
  readonly #day: ZoneDay;
  readonly #count: number;

  constructor(cron: Cron, midnight: number, day: ZoneDay) {
    this.#cron = cron;
    this.#midnight = midnight;
    this.#day = day;
    this.#count = cron.hours.length * cron.minutes.length * cron.seconds.length;
  }

  get change(): ZoneDay['change'] {
    return this.#day.change;
  }

  firstAfter(instant: number): number | undefined {
    const index = this.#firstWhere((wall) => this.#day.instantOf(wall) > instant);
    return index < this.#count ? this.#day.instantOf(this.#wall(index)) : undefined;
  }

  lastUntil(instant: number): number | undefined {
    const index = this.#firstWhere((wall) => this.#day.instantOf(wall) > instant) - 1;
    return index >= 0 ? this.#day.instantOf(this.#wall(index)) : undefined;
  }

  firstOnWall(from: number): number | undefined {
    const index = this.#firstWhere((wall) => wall >= from);
    return index < this.#count ? this.#wall(index) : undefined;
  }

  #wall(index: number): number {
    const { hours, minutes, seconds } = this.#cron;
    const second = seconds[index % seconds.length];
    const rest = Math.floor(index / seconds.length);
    const minute = minutes[rest % minutes.length];
    const hour = hours[Math.floor(rest / minutes.length)];
    return this.#midnight + ((hour * 60 + minute) * 60 + second) * 1000;
  }

  /** The least number from which on a condition holds; the count: it holds nowhere. */
  #firstWhere(holds: (wall: number) => boolean): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#wall(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function midnightOf(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

function matchesDay({ days, months, weekdays, eitherDay }: Cron, midnight: number): boolean {
  const date = new Date(midnight);
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const day = days.includes(date.getUTCDate());
  const weekday = weekdays.includes(date.getUTCDay());
  return eitherDay ? day || weekday : day && weekday;
}
