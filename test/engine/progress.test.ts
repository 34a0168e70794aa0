/** A lane's time against a model that looks at every single second, where the engine jumps. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LaneTime, Progress } from '../../src/engine/progress.ts';
import { BEGINNING, END } from '../../src/stream/watermark.ts';
import type { LanePlan } from '../../src/topology/plan.ts';
import { share } from '../tools/campaign.ts';

const SECOND = 1_000_000;

interface LaneShape {
  readonly arrival: boolean;
  readonly maxDelay: number;
  readonly idleTimeout: number | null;
}

function lanePlan(shape: LaneShape): LanePlan {
  return {
    id: 1,
    name: 'lane',
    vehicle: 1,
    supervised: false,
    codec: { kind: 'text', used: true, lineEnd: 10 },
    schema: { fields: [] },
    derivation: null,
    eventTime: shape.arrival
      ? null
      : { field: 'at', maxDelay: shape.maxDelay, idleTimeout: shape.idleTimeout },
    lateTo: null,
    maxLineBytes: 1024,
    atEnd: 'wait',
    badRecord: 'skip',
  };
}

/** The rule as semantics has it, one second after the other, nothing skipped. */
class Model {
  readonly shapes: readonly LaneShape[];
  readonly newest: number[];
  readonly allowed: number[];
  readonly quiet: number[];
  readonly idle: boolean[];
  readonly connected: number[];
  readonly base: ({ readonly at: number; readonly mark: number } | undefined)[];
  second: number;

  constructor(shapes: readonly LaneShape[], now: number) {
    this.shapes = shapes;
    this.newest = shapes.map(() => BEGINNING);
    this.allowed = shapes.map(() => BEGINNING);
    this.quiet = shapes.map(() => now);
    this.idle = shapes.map(() => false);
    this.connected = shapes.map(() => 0);
    this.base = shapes.map(() => undefined);
    this.second = Math.floor(now / SECOND) * SECOND;
  }

  mark(i: number, now: number): number {
    const own = this.shapes[i].arrival ? now - 1 : this.newest[i] - this.shapes[i].maxDelay - 1;
    return Math.max(own, this.allowed[i]);
  }

  moveTo(now: number): void {
    while (this.second + SECOND <= now) {
      this.second += SECOND;
      this.#judge(this.second);
    }
  }

  #judge(at: number): void {
    this.shapes.forEach((shape, i) => {
      const timeout = shape.idleTimeout;
      if (!shape.arrival && timeout !== null && at - this.quiet[i] >= timeout) this.idle[i] = true;
    });
    let follow = END;
    this.shapes.forEach((_, i) => {
      if (!this.idle[i]) follow = Math.min(follow, this.mark(i, at));
    });
    const pace = (i: number) => {
      const base = this.base[i];
      if (this.connected[i] === 0 || base === undefined) return BEGINNING;
      return base.mark + (at - base.at) - (this.shapes[i].idleTimeout ?? 0);
    };
    // Nobody leads: what was never heard goes by the slowest that was.
    if (follow === END) {
      const marks = this.shapes
        .map((_, i) => Math.max(this.mark(i, at), pace(i)))
        .filter((mark) => mark > BEGINNING);
      follow = marks.length === 0 ? BEGINNING : Math.min(...marks);
    }
    this.shapes.forEach((_, i) => {
      if (!this.idle[i]) return;
      this.allowed[i] = Math.max(this.allowed[i], follow, pace(i));
      if (this.base[i] === undefined && follow !== BEGINNING) this.base[i] = { at, mark: follow };
    });
  }

  record(i: number, time: number, now: number): void {
    if (!this.shapes[i].arrival && time > this.mark(i, now)) {
      this.newest[i] = Math.max(this.newest[i], time);
    }
    this.idle[i] = false;
    this.quiet[i] = now;
    this.base[i] = { at: now, mark: this.mark(i, now) };
  }

  connect(i: number, now: number): void {
    this.connected[i]++;
    if (this.connected[i] === 1 && this.base[i] !== undefined) {
      this.base[i] = { at: now, mark: this.mark(i, now) };
    }
  }
}

/** The engine's way: from one moment at which something changes to the next. */
function moveTo(progress: Progress, now: number): void {
  for (let at = progress.next; at <= now; at = progress.next) progress.moveTo(at);
  progress.moveTo(now);
}

const shapes = fc.array(
  fc.record({
    arrival: fc.boolean(),
    maxDelay: fc.constantFrom(0, 500_000, 4 * SECOND),
    idleTimeout: fc.constantFrom<number | null>(null, 300_000, 2 * SECOND, 30 * SECOND),
  }),
  { minLength: 1, maxLength: 4 },
);
const steps = fc.array(
  fc.record({
    wait: fc.oneof(
      fc.integer({ min: 0, max: 3 * SECOND }),
      fc.integer({ min: 0, max: 100 * SECOND }),
    ),
    what: fc.constantFrom('record', 'connect', 'disconnect', 'nothing'),
    lane: fc.nat(3),
    time: fc.integer({ min: 0, max: 200 * SECOND }),
  }),
  { maxLength: 40 },
);

describe('time of lanes', () => {
  test('jumping from change to change gives the marks that every single second gives', () => {
    const start = 1_767_225_600_250_000;
    fc.assert(
      fc.property(shapes, steps, (lanes, moves) => {
        const times = lanes.map((shape) => new LaneTime(lanePlan(shape), start));
        const progress = new Progress(times, start);
        const model = new Model(lanes, start);
        const last = lanes.map(() => BEGINNING);
        let now = start;
        for (const move of moves) {
          now += move.wait;
          moveTo(progress, now);
          model.moveTo(now);
          const i = move.lane % lanes.length;
          const lane = times[i];
          if (move.what === 'record') {
            const time = start + move.time;
            if (!lane.arrival && time > lane.mark(now)) lane.newest = Math.max(lane.newest, time);
            lane.heard(now);
            model.record(i, time, now);
          } else if (move.what === 'connect') {
            lane.connected(now);
            model.connect(i, now);
          } else if (move.what === 'disconnect' && lane.connections > 0) {
            lane.connections--;
            model.connected[i]--;
          }
          lanes.forEach((_, j) => {
            const mark = times[j].mark(now);
            expect(mark).toBe(model.mark(j, now));
            expect(mark).toBeGreaterThanOrEqual(last[j]);
            last[j] = mark;
          });
        }
      }),
      { numRuns: share(2000) },
    );
  });

  test('a lane that was never heard moves on where all turn idle in the same second', () => {
    const start = 1_767_225_600_000_000;
    const shape = { arrival: false, maxDelay: 0, idleTimeout: 30 * SECOND };
    const [heard, never] = [shape, shape].map((one) => new LaneTime(lanePlan(one), start));
    const progress = new Progress([heard, never], start);
    heard.newest = start - 60 * SECOND;
    heard.heard(start);
    moveTo(progress, start + 30 * SECOND);
    expect([heard.idle, never.idle]).toEqual([true, true]);
    expect(never.mark(start + 30 * SECOND)).toBe(heard.mark(start + 30 * SECOND));
    never.connected(start + 30 * SECOND);
    moveTo(progress, start + 100 * SECOND);
    expect(never.mark(start + 100 * SECOND)).toBe(start - 60 * SECOND - 1 + 40 * SECOND);
  });

  test('the moment at which a mark will be reached is the first second that reaches it', () => {
    const start = 1_767_225_600_000_000;
    fc.assert(
      fc.property(shapes, steps, fc.integer({ min: -10, max: 60 }), (lanes, moves, ahead) => {
        const times = lanes.map((shape) => new LaneTime(lanePlan(shape), start));
        const progress = new Progress(times, start);
        let now = start;
        for (const move of moves) {
          now += move.wait;
          moveTo(progress, now);
          const lane = times[move.lane % lanes.length];
          if (move.what === 'record') {
            const time = start + move.time;
            if (!lane.arrival && time > lane.mark(now)) lane.newest = Math.max(lane.newest, time);
            lane.heard(now);
          } else if (move.what === 'connect') lane.connected(now);
        }
        const lane = times[0];
        const target = (Number.isFinite(lane.mark(now)) ? lane.mark(now) : start) + ahead * SECOND;
        // Step through time as the engine would, asking anew after each change.
        for (let i = 0; i < 200; i++) {
          if (lane.mark(now) >= target) return;
          const at = Math.min(progress.next, progress.reaches(lane, target, now));
          if (at === END) {
            // Never, by time alone: not in a day either.
            moveTo(progress, now + 86_400 * SECOND);
            expect(lane.mark(now + 86_400 * SECOND)).toBeLessThan(target);
            return;
          }
          expect(at).toBeGreaterThan(now);
          const justBefore = Math.min(at - 1, now + 1);
          moveTo(progress, justBefore);
          expect(lane.mark(justBefore)).toBeLessThan(target);
          now = at;
          moveTo(progress, now);
        }
      }),
      { numRuns: share(1000) },
    );
  });
});
