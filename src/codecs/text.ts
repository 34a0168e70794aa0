/**
 * Text: every line is one record with one string field. Columns are ranges into the
 * room, nothing is copied. A line without bytes is empty, one that is not UTF-8 is bad.
 */
import assert from 'node:assert';
import { isUtf8 } from 'node:buffer';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { STRING } from '../stream/schema.ts';
import type { BadLine, LineDecoder } from './codec.ts';
import { emptyColumn } from './empty-column.ts';
import { LineRoom } from './line-room.ts';

/**
 * @param used whether something downstream reads the line; its verdict does not depend on it
 * @param lineEnd the byte that ends a line
 */
export function createTextDecoder(used: boolean, lineEnd: number): LineDecoder {
  const rowStarts = new Int32Array(BATCH_ROWS_MAX);
  const rowEnds = new Int32Array(BATCH_ROWS_MAX);
  const lines = new Int32Array(BATCH_ROWS_MAX);
  const room = new LineRoom(lineEnd);
  return {
    room: (size) => room.room(size),
    lineEnd,
    starts: room.starts,
    ends: room.ends,
    find: (from, to) => room.find(from, to),
    readHeader: null,
    decode(first, last) {
      const bytes = room.room(0);
      const { starts, ends } = room;
      assert(last - first <= BATCH_ROWS_MAX);
      const bad: BadLine[] = [];
      const utf8 = last > first && isUtf8(bytes.subarray(starts[first], ends[last - 1]));
      let rows = 0;
      let empty = 0;
      for (let line = first; line < last; line++) {
        const start = starts[line];
        const end = ends[line];
        if (start === end) {
          empty++;
        } else if (!utf8 && !isUtf8(bytes.subarray(start, end))) {
          bad.push({ line, reason: 'not-utf8', detail: 'bytes that are not UTF-8' });
        } else {
          rowStarts[rows] = start;
          rowEnds[rows] = end;
          lines[rows++] = line;
        }
      }
      const column = used
        ? ({ type: 'string', bytes, starts: rowStarts, ends: rowEnds, valid: null } as const)
        : emptyColumn(STRING);
      return { rows, columns: [column], lines, bad, empty };
    },
  };
}
