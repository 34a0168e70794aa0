/** The state of sessions: who ends first, which keys stay, what an edit makes of it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Changes } from '../../src/engine/changes.ts';
import { EndHeap } from '../../src/engine/end-heap.ts';
import { SessionKeys } from '../../src/engine/session-keys.ts';
import { Sessions } from '../../src/engine/sessions.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { columnOf, valueAt } from '../sql/table.ts';

const SHAPE = {
  kind: 'sessions',
  keys: [LONG],
  accumulators: ['number', 'bytes'],
  gap: 10,
  updates: true,
} as const;

/** Puts a record into its session. @returns its id; undefined: it joins two */
function put(state: Sessions, key: number, time: number): number | undefined {
  const ids = Int32Array.of(-1);
  state.begin([columnOf(LONG, [key])], Float64Array.of(time), null, 1);
  return state.place(0, ids, Number.POSITIVE_INFINITY) === 1 ? ids[0] : undefined;
}

describe('who ends first', () => {
  test('comes up by end, then by order, also if the end has moved meanwhile', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ end: fc.nat(30) }),
        fc.record({ later: fc.integer({ min: 1, max: 9 }) }),
        fc.constant('pop' as const),
      ),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new EndHeap();
        const model: { id: number; end: number; order: number }[] = [];
        const first = () => model.sort((a, b) => a.end - b.end || a.order - b.order)[0];
        let order = 0;
        for (const step of all) {
          const top = first();
          if (step === 'pop') {
            if (top === undefined) continue;
            heap.pop();
            model.shift();
          } else if ('end' in step) {
            const one = { id: 1000 - order, end: step.end, order: order++ };
            heap.push(one.id, one.end, one.order);
            model.push(one);
          } else if (top !== undefined) {
            top.end += step.later;
            heap.postpone(top.end);
          }
          expect(heap.size).toBe(model.length);
          const now = first();
          if (now !== undefined) expect([heap.id, heap.end]).toEqual([now.id, now.end]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('changes', () => {
  test('are told once, in the order in which they first came', () => {
    const changes = new Changes();
    for (const id of [7, 100, 7, 3]) changes.add(id);
    changes.remove(100);
    changes.remove(100);
    changes.add(5);
    expect(changes.size).toBe(3);
    expect([7, 100, 3, 5, 200].map((id) => changes.has(id))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(changes.take()).toEqual([7, 3, 5]);
    expect(changes.size).toBe(0);
    changes.add(100);
    changes.add(7);
    expect(changes.take()).toEqual([100, 7]);
  });
});

describe('keys of sessions', () => {
  test('are forgotten once most of them have no session, and the others stay as they are', () => {
    const keys = new SessionKeys([STRING], 1);
    const names = Array.from({ length: 200 }, (_, i) => `key ${i}`);
    keys.locate([columnOf(STRING, names)], null, 200);
    for (let i = 0; i < 200; i++) keys.enter(keys.ids[i], 1000 + i);
    for (let i = 0; i < 200; i++) if (i % 20 !== 0) keys.leave(i);
    expect(keys.compact()).toBe(true);
    expect(keys.compact()).toBe(false);
    const [column] = keys.columns();
    const kept = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(kept.map((id) => [valueAt(column, id), keys.newest[id]])).toEqual(
      kept.map((i) => [`key ${20 * i}`, 1000 + 20 * i]),
    );
    keys.locate([columnOf(STRING, ['new', 'key 40', 'key 41'])], null, 3);
    expect([...keys.ids.subarray(0, 3)]).toEqual([10, 2, 11]);
    expect(keys.newest[10]).toBe(-1);
  });

  test('stay while most of them have a session', () => {
    const keys = new SessionKeys([LONG], 1);
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    keys.locate([columnOf(LONG, numbers)], null, 300);
    for (const i of numbers) keys.enter(i, i);
    for (let i = 0; i < 149; i++) keys.leave(i);
    expect(keys.compact()).toBe(false);
    keys.leave(149);
    expect(keys.compact()).toBe(true);
  });
});

describe('sessions', () => {
  test('hold thousands of keys in the room of a few while each comes once', () => {
    const state = new Sessions(SHAPE, 1);
    for (let i = 0; i < 20_000; i++) {
      put(state, i, i * 5);
      const ended = state.ended(i * 5);
      if (ended.length > 0) state.drop(ended);
      expect(state.open().groups).toBeLessThanOrEqual(3);
    }
    expect(state.firsts.length).toBeLessThanOrEqual(64);
  });

  test('begin empty where another one has been', () => {
    const state = new Sessions(SHAPE, 1);
    const first = put(state, 1, 0) ?? -1;
    for (const { kind, values } of state.accumulators) {
      if (kind === 'bytes') values[first] = Uint8Array.of(1);
      else values[first] = 7;
    }
    state.drop(state.ended(10));
    expect(put(state, 2, 50)).toBe(first);
    expect(state.accumulators.map(({ values }) => values[first])).toEqual([0, null]);
  });

  test('stop at a record that joins two, the first to come of which stays', () => {
    const state = new Sessions(SHAPE, 1);
    const late = put(state, 1, 30);
    const early = put(state, 1, 15);
    expect(put(state, 1, 24)).toBeUndefined();
    expect(state.joining).toEqual({ into: late, gone: early });
    state.join();
    expect(state.open().groups).toBe(1);
    expect(put(state, 1, 24)).toBe(late);
    expect([state.firsts[Number(late)], state.lasts[Number(late)]]).toEqual([15, 30]);
    // The one that is gone ends never.
    expect(state.earliestEnd()).toBe(40);
    expect([...state.changed()]).toEqual([late]);
    expect([...state.ended(40)]).toEqual([late]);
  });

  test('take other accumulators: those that stay keep their values, a new one knows what it has not seen', () => {
    const state = new Sessions(SHAPE, 1);
    const before = put(state, 1, 0) ?? -1;
    state.accumulators[0].values[before] = 5;
    state.adapt(['flag', 'number'], [-1, 0]);
    expect(state.accumulators.map(({ kind, values }) => [kind, values[before]])).toEqual([
      ['flag', 0],
      ['number', 5],
    ]);
    const after = put(state, 2, 0) ?? -1;
    const picked = state.pick(Int32Array.of(after, before), 2);
    expect(picked.whole(0)).toEqual(Uint8Array.of(1, 0));
    expect(picked.whole(1)).toBeNull();
    expect(picked.accumulators[1].values[1]).toBe(5);
    expect(picked.keys().map((column) => [valueAt(column, 0), valueAt(column, 1)])).toEqual([
      [2, 1],
    ]);
  });
});
