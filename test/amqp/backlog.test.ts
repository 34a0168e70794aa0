import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Backlog } from '../../src/amqp/backlog.ts';
import { MemoryHold } from '../tools/memory-hold.ts';

const TAKERS = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

/** Where a number is: held and free since `free` for all (and for the one it left, since `forTaker`), or taken. */
interface Place {
  taken: boolean;
  attempts: number;
  free: number;
  left: object | undefined;
  freeForLeft: number;
  barred: Set<object>;
}

const ANSWERS = ['accept', 'release', 'delay', 'restore', 'bar', 'bar and delay', 'keep'] as const;

type Step =
  | { kind: 'take'; taker: number; answer: (typeof ANSWERS)[number] }
  | { kind: 'wait'; ms: number }
  | { kind: 'drop'; which: number }
  | { kind: 'leave'; taker: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      taker: fc.nat(TAKERS.length - 1),
      answer: fc.constantFrom(...ANSWERS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 50, 100, 500, 1_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), which: fc.nat(30) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('leave' as const), taker: fc.nat(TAKERS.length - 1) }),
  },
);

/** Released, taken by another, back, released again: the first wait must not end the second. */
const RELEASED_TWICE: Step[] = [
  { kind: 'take', taker: 1, answer: 'release' },
  { kind: 'take', taker: 0, answer: 'restore' },
  { kind: 'wait', ms: 50 },
  { kind: 'take', taker: 1, answer: 'release' },
  { kind: 'wait', ms: 50 },
  { kind: 'take', taker: 1, answer: 'accept' },
];

describe('a backlog', () => {
  test('gives a taker the least number that is free for it, whatever came back and when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.array(step, { maxLength: 80 }),
        (n, steps) => {
          const hold = new MemoryHold();
          hold.fill(n);
          const backlog = new Backlog(hold);
          const places = new Map<number, Place>();
          for (let i = 1; i <= n; i++) {
            const barred = new Set<object>();
            places.set(i, {
              taken: false,
              attempts: 0,
              free: 0,
              left: undefined,
              freeForLeft: 0,
              barred,
            });
          }
          let now = 0;
          for (const one of steps) {
            if (one.kind === 'wait') {
              now += one.ms;
              backlog.ripen(now);
              continue;
            }
            if (one.kind === 'drop') {
              // A hold that is full asks, and gets all but what is in hand.
              const place = places.get(one.which);
              if (place === undefined) continue;
              expect(hold.drop(one.which)).toBe(!place.taken);
              if (!place.taken) places.delete(one.which);
              continue;
            }
            const taker = TAKERS[one.taker];
            if (one.kind === 'leave') {
              backlog.leave(taker);
              for (const place of places.values()) {
                place.barred.delete(taker);
                if (place.left === taker) place.left = undefined;
              }
              continue;
            }
            const expected = [...places].find(
              ([, { taken, free, left, freeForLeft, barred }]) =>
                !taken &&
                free <= now &&
                (left !== taker || freeForLeft <= now) &&
                !barred.has(taker),
            );
            const sequence = backlog.next(taker);
            expect(sequence).toBe(expected?.[0]);
            if (sequence === undefined || expected === undefined) continue;
            const [, place] = expected;
            expect(backlog.attempts(sequence)).toBe(place.attempts);
            backlog.take(sequence);
            place.left = undefined;
            place.attempts++;
            switch (one.answer) {
              case 'accept':
                backlog.forget(sequence);
                hold.settle(sequence, sequence);
                places.delete(sequence);
                break;
              case 'release':
                backlog.release(sequence, taker, now);
                place.left = taker;
                place.freeForLeft = now + 100;
                break;
              case 'bar and delay':
                backlog.bar(sequence, taker);
                place.barred.add(taker);
                backlog.delay(sequence, 500, now);
                place.free = now + 500;
                break;
              case 'delay':
                backlog.delay(sequence, 1_000, now);
                place.free = now + 1_000;
                break;
              case 'bar':
                backlog.bar(sequence, taker);
                place.barred.add(taker);
                backlog.restore(sequence);
                break;
              case 'restore':
                backlog.restore(sequence);
                break;
              default:
                place.taken = true;
            }
            const isBack = !['accept', 'keep'].includes(one.answer);
            expect(hold.back.splice(0)).toEqual(isBack ? [sequence] : []);
          }
        },
      ),
      { numRuns: 3_000, examples: [[1, RELEASED_TWICE]] },
    );
  });
});
