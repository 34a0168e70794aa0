/** Finds lines in bytes: ended by LF, a CR before it cut off. What is behind the last LF is no line yet. */
const LF = 0x0a;
const CR = 0x0d;

export interface FoundLines {
  readonly count: number;
  /** Where the search goes on: behind the last LF that was taken. */
  readonly next: number;
}

/**
 * Finds at most `max` lines that end in bytes[from .. to). Line i is bytes[starts[i] .. ends[i]).
 * @param starts, ends have room for `max`
 */
export function findLines(
  bytes: Uint8Array,
  from: number,
  to: number,
  starts: Int32Array,
  ends: Int32Array,
  max: number,
): FoundLines {
  let next = +from;
  let count = 0;
  while (count < max) {
    const lf = bytes.indexOf(LF, next);
    if (lf < 0 || lf >= to) break;
    starts[count] = next;
    ends[count++] = lf > next && bytes[lf - 1] === CR ? lf - 1 : lf;
    next = lf + 1;
  }
  return { count, next };
}
