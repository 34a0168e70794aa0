/** Records of the two lanes of a join, in pieces and in turns, with another process for the second half of them. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { cutLines, type EngineRun } from './engine-run.ts';

export interface Traffic<R> {
  readonly left: readonly R[];
  readonly right: readonly R[];
  readonly sizes: readonly number[];
  readonly turns: readonly boolean[];
  readonly resumed: boolean;
}

/** Lines of each side, under the name of its lane. */
export interface TwoLanes<R> {
  readonly left: { readonly lane: string; readonly line: (row: R) => string };
  readonly right: { readonly lane: string; readonly line: (row: R) => string };
}

/** Rows in order of time but for some that are late, then numbered. Times are milliseconds. */
export function disordered<R extends { readonly at: number; readonly behind: number }>(
  all: readonly R[],
): (Omit<R, 'at' | 'behind'> & { at: number; n: number })[] {
  return [...all]
    .sort((a, b) => a.at - b.at)
    .map(({ behind, at, ...row }, n) => ({ ...row, at: Math.max(0, at - behind), n }));
}

export function trafficOf<R>(rows: fc.Arbitrary<R[]>): fc.Arbitrary<Traffic<R>> {
  return fc.record({
    left: rows,
    right: rows,
    sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
    turns: fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
    resumed: fc.boolean(),
  });
}

/** Feeds both lanes, chunk by chunk in turns; another process goes on with the rest. */
export function drive<R>(run: EngineRun, lanes: TwoLanes<R>, all: Traffic<R>): EngineRun {
  const { left, right, resumed } = all;
  const part = (from: number, to: number): Traffic<R> => ({
    ...all,
    left: left.slice(from * left.length, to * left.length),
    right: right.slice(from * right.length, to * right.length),
  });
  feed(run.open(), lanes, resumed ? part(0, 0.5) : all);
  if (resumed) {
    run.restart();
    feed(run.open(), lanes, part(0.5, 1));
  }
  run.close();
  expect(run.account().gaps).toEqual([]);
  return run;
}

function feed<R>(run: EngineRun, lanes: TwoLanes<R>, all: Traffic<R>): void {
  const { sizes, turns } = all;
  const a = cutLines(lanes.left.lane, all.left.map(lanes.left.line), [...sizes]);
  const b = cutLines(lanes.right.lane, all.right.map(lanes.right.line), [...sizes].reverse());
  for (let turn = 0; a.length + b.length > 0; turn++) {
    const next = turns[turn % turns.length] ? (a.shift() ?? b.shift()) : (b.shift() ?? a.shift());
    if (next !== undefined) run.chunk(next);
  }
}
