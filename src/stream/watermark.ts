/**
 * The one rule of progress: a watermark W promises that every on-time record with event time <= W has
 * been seen. It never falls. A half-open window [s, e) holds times up to e - 1 us, so it closes when
 * W >= e - 1. A result of it carries the time e - 1, which is therefore on time downstream.
 */
import type { Micros } from './time.ts';

export type Watermark = Micros;

/** Before the first record. */
export const BEGINNING: Watermark = Number.NEGATIVE_INFINITY;
/** After the last: everything closes. */
export const END: Watermark = Number.POSITIVE_INFINITY;

/** The least watermark at which a window that ends (exclusively) at `end` may close. */
export function closingMark(end: Micros): Watermark {
  return end - 1;
}

/** The watermark of a reader of several inputs. Of none: the end. */
export function least(marks: readonly Watermark[]): Watermark {
  let low: Watermark = END;
  for (const mark of marks) if (mark < low) low = mark;
  return low;
}
