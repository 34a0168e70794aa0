/**
 * How far each lane's time has come, from its own log alone.
 *
 *   M   the largest event time seen            D   the lane's max_delay
 *   H   what its silence or its end allows     W = max(M - D - 1 us, H)
 *   late  iff  ts <= W, tested before the record counts into M
 *
 * A lane without event time has W = log time - 1 us. A lane without a record for `idle_timeout` is idle:
 * then H rises, at whole seconds of log time, to the larger of
 *   follow  the least W of the lanes that are not idle; where all are, that of those ever heard, and
 *   pace    only while connected: W at the base point + log time since it - idle_timeout,
 * the base point being the last record or, before any, the first follow. A connection that opens
 * anew moves the base point to that moment: time away must not count, the vehicle may bring a backlog.
 */

import { MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import type { LanePlan } from '../topology/plan.ts';

export function secondBefore(at: Micros): Micros {
  return Math.floor(at / MICROS_PER_SECOND) * MICROS_PER_SECOND;
}

export function secondAfter(at: Micros): Micros {
  return Math.ceil(at / MICROS_PER_SECOND) * MICROS_PER_SECOND;
}

/** The time of one lane. `lane-stage.ts` moves M; `Progress` moves H. */
export class LaneTime {
  /** The event time's; null: the lane goes by arrival. */
  readonly field: string | null;
  readonly maxDelay: Micros;
  readonly idleTimeout: Micros;
  newest: Watermark = BEGINNING; // M
  allowed: Watermark = BEGINNING; // H
  idle = false;
  connections = 0;
  /** Log time of the last record, or since when one is waited for. */
  quietSince: Micros;
  baseAt: Micros = Number.NaN; // NaN: no base point yet
  baseMark: Watermark = BEGINNING;

  /** @param former of the same lane under the plan before: silence goes on, and time never goes back */
  constructor(plan: LanePlan, now: Micros, former?: LaneTime) {
    this.field = plan.eventTime?.field ?? null;
    this.maxDelay = plan.eventTime?.maxDelay ?? 0;
    this.idleTimeout = plan.eventTime?.idleTimeout ?? Number.POSITIVE_INFINITY;
    this.quietSince = now;
    if (former !== undefined) this.#goOn(former, now);
  }

  get arrival(): boolean {
    return this.field === null;
  }

  mark(now: Micros): Watermark {
    if (this.arrival) return Math.max(now - 1, this.allowed);
    return Math.max(this.newest - this.maxDelay - 1, this.allowed);
  }

  /** Records have arrived and M has been moved: silence begins anew. */
  heard(now: Micros): void {
    this.idle = false;
    this.quietSince = now;
    this.baseAt = now;
    this.baseMark = this.mark(now);
  }

  connected(now: Micros): void {
    this.connections++;
    if (this.connections === 1 && !Number.isNaN(this.baseAt)) {
      this.baseAt = now;
      this.baseMark = this.mark(now);
    }
  }

  #goOn(former: LaneTime, now: Micros): void {
    this.connections = former.connections;
    this.quietSince = former.quietSince;
    this.idle = former.idle;
    if (former.allowed === END) this.allowed = END;
    // By another field time begins anew: the two say nothing of one another.
    if (former.field !== this.field) return;
    this.newest = former.newest;
    this.allowed = Math.max(former.allowed, this.arrival ? BEGINNING : former.mark(now));
    this.baseAt = former.baseAt;
    this.baseMark = former.baseMark;
  }

  /** After a bounded run has ended, a later process starts time over. */
  startOver(): void {
    this.newest = BEGINNING;
    this.allowed = BEGINNING;
    this.baseAt = Number.NaN;
    this.baseMark = BEGINNING;
  }

  /** Whole second at which the lane turns idle, unless it is heard before. */
  get idleFrom(): Micros {
    return this.arrival || this.idle || this.allowed === END
      ? END
      : secondAfter(this.quietSince + this.idleTimeout);
  }

  /** What the lane's own pace allows at a second. */
  pace(second: Micros): Watermark {
    if (this.connections === 0 || Number.isNaN(this.baseAt)) return BEGINNING;
    return this.baseMark + (second - this.baseAt) - this.idleTimeout;
  }

  /** The mark of an idle lane at a second that is to come, if it follows nobody. */
  ahead(second: Micros): Watermark {
    return Math.max(this.mark(second), this.pace(second));
  }
}

/** The times of all lanes together: silence, and when it will have moved a lane's mark. */
export class Progress {
  readonly lanes: readonly LaneTime[];
  #second: Micros;

  constructor(lanes: readonly LaneTime[], now: Micros) {
    this.lanes = lanes;
    this.#second = secondBefore(now);
  }

  /** Judges silence if `now` lies in a later second than the last call. */
  moveTo(now: Micros): void {
    const second = secondBefore(now);
    if (second <= this.#second) return;
    this.#second = second;
    for (const lane of this.lanes) {
      if (lane.idleFrom <= second) lane.idle = true;
    }
    const follow = this.#follow(second);
    for (const lane of this.lanes) {
      if (!lane.idle || lane.allowed === END) continue;
      lane.allowed = Math.max(lane.allowed, follow, lane.pace(second));
      if (Number.isNaN(lane.baseAt) && follow !== BEGINNING) {
        lane.baseAt = second;
        lane.baseMark = follow;
      }
    }
  }

  /** Nobody listened until `now`: no lane has been silent, whatever the clock says. */
  sleptUntil(now: Micros): void {
    this.#second = secondBefore(now);
    for (const lane of this.lanes) {
      lane.quietSince = now;
      lane.idle = false;
      if (!Number.isNaN(lane.baseAt)) {
        lane.baseAt = now;
        lane.baseMark = lane.mark(now);
      }
    }
  }

  /** The next second at which silence changes something, whatever operators wait for. */
  get next(): Micros {
    let next: Micros = END;
    for (const lane of this.lanes) next = Math.min(next, lane.idleFrom);
    const following = this.#second + MICROS_PER_SECOND;
    if (following < next) {
      const follow = this.#follow(following, false);
      if (follow === BEGINNING) return next;
      const reach = this.#hasArrival ? Math.min(follow, following - 1) : follow;
      for (const lane of this.lanes) {
        if (lane.idle && lane.allowed !== END && lane.ahead(following) < reach) return following;
      }
    }
    return next;
  }

  /** When a lane's mark reaches `mark` by the passing of time alone; END: not by time. */
  reaches(lane: LaneTime, mark: Watermark, now: Micros): Micros {
    if (lane.mark(now) >= mark) return now;
    if (lane.arrival) return mark + 1;
    let at: Micros = END;
    if (lane.connections > 0 && !Number.isNaN(lane.baseAt)) {
      at = secondAfter(lane.baseAt + (mark - lane.baseMark) + lane.idleTimeout);
    }
    if (lane.idle && this.#hasArrival) {
      const follow = this.#follow(END, false);
      if (follow === BEGINNING || follow >= mark) at = Math.min(at, secondAfter(mark + 1));
    }
    return Math.max(at, this.#second + MICROS_PER_SECOND);
  }

  get #hasArrival(): boolean {
    return this.lanes.some((lane) => lane.arrival && lane.allowed !== END);
  }

  /**
   * The least mark of the lanes that are neither idle nor closed; BEGINNING: there is none. Where all are idle,
   * that of the lanes that have one: only a lane that was never heard is behind it, and would else never move.
   */
  #follow(second: Micros, withArrival = true): Watermark {
    let follow: Watermark = END;
    for (const lane of this.lanes) {
      if (lane.idle || lane.allowed === END || (lane.arrival && !withArrival)) continue;
      follow = Math.min(follow, lane.mark(second));
    }
    if (follow !== END) return follow;
    if (this.#hasArrival) return BEGINNING;
    for (const lane of this.lanes) {
      const mark = lane.allowed === END ? BEGINNING : lane.ahead(second);
      if (mark !== BEGINNING) follow = Math.min(follow, mark);
    }
    return follow === END ? BEGINNING : follow;
  }
}
