/**
 * Lines that a pattern takes apart: a field is what the group of its name has matched. The pattern may match
 * anywhere in the line, unless it says where with ^ and $; a line in which it does not is no record. A group that
 * has no part in the match is NULL.
 */
import assert from 'node:assert';
import { isAscii, isUtf8 } from 'node:buffer';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { CellValues } from './cell-values.ts';
import type { BadLine, BadRecordReason, Decoded, LineDecoder, PatternPlan } from './codec.ts';
import { LineRoom } from './line-room.ts';
import type { FoundLines } from './lines.ts';
import { shorten } from './wrong-value.ts';

/** @param plan its fields have types of single values only */
export function createPatternDecoder(plan: PatternPlan): LineDecoder {
  return new PatternDecoder(plan);
}

class PatternDecoder implements LineDecoder {
  readonly readHeader = null;
  readonly lineEnd: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #regexp: RegExp;
  readonly #plan: PatternPlan;
  /** By field: the number of its group. */
  readonly #groups: readonly number[];
  readonly #values: CellValues;
  readonly #room = new LineRoom();
  readonly #lines = new Int32Array(BATCH_ROWS_MAX);
  #bad: BadLine[] = [];

  constructor(plan: PatternPlan) {
    this.#plan = plan;
    this.lineEnd = this.#room.lineEnd;
    this.starts = this.#room.starts;
    this.ends = this.#room.ends;
    this.#regexp = new RegExp(plan.regexp, 'du');
    this.#groups = plan.fields.map(({ source: [group] }) => plan.groups.indexOf(group));
    assert(!this.#groups.includes(-1), 'every field has a group');
    this.#values = new CellValues(plan.fields);
  }

  room(size: number): Buffer {
    return this.#room.room(size);
  }

  find(from: number, to: number): FoundLines {
    return this.#room.find(from, to);
  }

  decode(first: number, last: number): Decoded {
    assert(last - first <= BATCH_ROWS_MAX);
    const { starts, ends } = this;
    const bytes = this.#room.room(0);
    const all = last > first ? bytes.subarray(starts[first], ends[last - 1]) : bytes.subarray(0, 0);
    this.#bad = [];
    this.#values.open(bytes);
    const ascii = isAscii(all);
    const utf8 = ascii || isUtf8(all);
    let rows = 0;
    let empty = 0;
    for (let line = first; line < last; line++) {
      const [start, end] = [starts[line], ends[line]];
      if (start === end) empty++;
      else if (!utf8 && !isUtf8(bytes.subarray(start, end))) {
        this.#reject(line, 'not-utf8', 'bytes that are not UTF-8');
      } else if (this.#line(line, ascii, rows)) this.#lines[rows++] = line;
    }
    const columns = this.#values.columns(rows, bytes);
    return { rows, columns, lines: this.#lines, bad: this.#bad, empty };
  }

  /** Reads a line into a row. @returns whether it is a record; if not, it has been rejected */
  #line(line: number, ascii: boolean, row: number): boolean {
    const bytes = this.#room.room(0);
    const start = this.starts[line];
    const text = bytes.toString(ascii ? 'latin1' : 'utf8', start, this.ends[line]);
    const found = this.#regexp.exec(text)?.indices;
    if (found === undefined) {
      return this.#reject(line, 'no-match', `the pattern does not match ${shorten(text)}`);
    }
    const place = (at: number): number =>
      start + (ascii ? at : Buffer.byteLength(text.slice(0, at)));
    const values = this.#values;
    for (let field = 0; field < this.#groups.length; field++) {
      const range = found[this.#groups[field]];
      if (range === undefined) {
        const { source, required } = this.#plan.fields[field];
        if (required) {
          const detail = `group ${shorten(source[0])} has no part in the match`;
          return this.#reject(line, 'missing-field', detail);
        }
        values.nodes[field].blank(row);
        continue;
      }
      const [from, to] = [place(range[0]), place(range[1])];
      const fault = values.read(field, from, to, row);
      if (fault === 0) continue;
      const { reason, detail } = values.wrong(field, from, to, fault);
      return this.#reject(line, reason, detail);
    }
    return true;
  }

  #reject(line: number, reason: BadRecordReason, detail: string): false {
    this.#bad.push({ line, reason, detail });
    return false;
  }
}
