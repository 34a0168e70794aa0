/** Finds lines in bytes: ended by one byte; before an LF a CR is cut off. What is behind the last end is no line yet. */
export const LF = 0x0a;
const CR = 0x0d;

export interface FoundLines {
  readonly count: number;
  /** Where the search goes on: behind the last end that was taken. */
  readonly next: number;
}

/**
 * Finds at most `max` lines that end in bytes[from .. to). Line i is bytes[starts[i] .. ends[i]).
 * @param starts, ends have room for `max`
 * @param end the byte that ends a line
 */
export function findLines(
  bytes: Uint8Array,
  from: number,
  to: number,
  starts: Int32Array,
  ends: Int32Array,
  max: number,
  end: number,
): FoundLines {
  let next = +from;
  let count = 0;
  while (count < max) {
    const at = bytes.indexOf(end, next);
    if (at < 0 || at >= to) break;
    starts[count] = next;
    ends[count++] = end === LF && at > next && bytes[at - 1] === CR ? at - 1 : at;
    next = at + 1;
  }
  return { count, next };
}
