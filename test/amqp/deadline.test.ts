import { describe, expect, test } from '@jest/globals';
import { Deadline } from '../../src/amqp/deadline.ts';
import { ManualClock } from '../../src/stream/clock.ts';

const MS = 1_000;

describe('a deadline', () => {
  test('passes once, at its time and not before', () => {
    const clock = new ManualClock(5);
    let passed = 0;
    const deadline = new Deadline(clock, () => passed++);
    deadline.start(10);
    clock.advance(9 * MS);
    expect([passed, deadline.running]).toEqual([0, true]);
    clock.advance(5 + 10 * MS);
    expect([passed, deadline.running]).toEqual([1, false]);
    clock.advance(100 * MS);
    expect(passed).toBe(1);
  });

  test('passes at the later time when it was moved on, at the earlier when it was moved back', () => {
    const clock = new ManualClock(0);
    const passed: number[] = [];
    const deadline = new Deadline(clock, () => passed.push(clock.now() / MS));
    deadline.start(10);
    clock.advance(8 * MS);
    deadline.start(10);
    clock.advance(30 * MS);
    deadline.start(50);
    deadline.start(5);
    clock.advance(100 * MS);
    expect(passed).toEqual([18, 35]);
  });

  test('does not pass when it is stopped or disposed of', () => {
    const clock = new ManualClock(0);
    let passed = 0;
    const deadline = new Deadline(clock, () => passed++);
    deadline.start(10);
    deadline.stop();
    clock.advance(20 * MS);
    deadline.start(10);
    deadline.dispose();
    clock.advance(40 * MS);
    expect(passed).toBe(0);
  });
});
