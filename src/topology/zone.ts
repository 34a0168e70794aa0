/**
 * What the clocks on the wall show in a time zone, and which instant a time on the wall is. The rules of zones are
 * those of the runtime. A time that the clocks skip stands for the first instant after the gap, and one that
 * comes twice for its first coming: so the instants of rising times on the wall never fall.
 *
 * Times on the wall are written as milliseconds of a clock in UTC that shows the same.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Zones are at most 14 hours from UTC, and one has once skipped a day: this far around a day lies all of it. */
const AROUND_MS = 26 * HOUR_MS;

/** Whether it is a name of the zone database; offsets such as +01:00 are none. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** A day on the wall: its times as instants. */
export interface ZoneDay {
  /** @param wall a time of this day; @returns milliseconds since the epoch */
  instantOf(wall: number): number;
  /** Some of its times are skipped or come twice: the clocks go from one time on the wall to another. */
  readonly change: { readonly from: number; readonly to: number } | undefined;
}

export class Zone {
  readonly #format: Intl.DateTimeFormat;

  /** @param name see `isZone` */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** @param instant milliseconds since the epoch, whole seconds count */
  wallOf(instant: number): number {
    const parts = new Map(
      this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  }

  /** @param midnight the day's beginning on the wall */
  day(midnight: number): ZoneDay {
    const first = midnight - AROUND_MS;
    const last = midnight + DAY_MS + AROUND_MS;
    const before = this.wallOf(first) - first;
    const after = this.wallOf(last) - last;
    if (before === after) return { instantOf: (wall) => wall - before, change: undefined };
    // The change lies where the clocks begin to show the later distance from UTC.
    let unchanged = first;
    let changed = last;
    while (changed - unchanged > 1000) {
      const middle = unchanged + Math.floor((changed - unchanged) / 2000) * 1000;
      if (this.wallOf(middle) - middle === before) unchanged = middle;
      else changed = middle;
    }
    const at = changed;
    const [from, to] = [at + before, at + after];
    const [early, late] = [Math.min(from, to), Math.max(from, to)];
    return {
      instantOf: (wall) => (wall < from ? wall - before : Math.max(at, wall - after)),
      change: early < midnight + DAY_MS && late > midnight ? { from, to } : undefined,
    };
  }
}
