/**
 * Makes the fields of a lane that its codec does not give as they are: whole columns at a time, before times
 * and lateness are looked at. It says which rows are no records because of it; what is read of the others is
 * right.
 */
import assert from 'node:assert';
import type { BadRecordReason, Decoded } from '../codecs/codec.ts';
import { emptyColumn } from '../codecs/empty-column.ts';
import type { Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column, StringColumn } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import type { DerivedField, LaneDerivation, LanePlan } from '../topology/plan.ts';

/** A detail shows this much of a value, a name or a pattern: with all three it stays below 200 characters. */
const EXCERPT_BYTES_MAX = 48;

interface Maker {
  readonly field: DerivedField;
  readonly program: Program;
  /** Columns of the codec it is read from by a pattern. */
  readonly from: readonly number[];
}

export interface Derived {
  /** In the order of the lane's schema. */
  readonly columns: readonly Column[];
  /** Rows that are records, ascending; null: all are. */
  readonly kept: Int32Array | null;
  readonly count: number;
}

/** Line i is bytes[starts[i] .. ends[i]). */
export interface Lines {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

type Reject = (line: number, reason: BadRecordReason, detail: string) => void;

export class LaneFields {
  readonly #plan: Pick<LanePlan, 'name' | 'schema'>;
  readonly #taken: readonly number[];
  readonly #read: readonly Maker[];
  readonly #computed: readonly Maker[];
  readonly #bad = new Uint8Array(BATCH_ROWS_MAX);
  readonly #kept = new Int32Array(BATCH_ROWS_MAX);
  readonly #starts = new Int32Array(BATCH_ROWS_MAX);
  readonly #ends = new Int32Array(BATCH_ROWS_MAX);
  /** No expression of a lane reads event times or numbers. */
  readonly #none = new Float64Array(0);

  /** @param plan of a lane, or of a table */
  constructor(plan: Pick<LanePlan, 'name' | 'schema'>, { taken, read, computed }: LaneDerivation) {
    this.#plan = plan;
    this.#taken = taken;
    this.#read = read.map(makerOf);
    this.#computed = computed.map(makerOf);
  }

  /**
   * @param lines what was decoded
   * @param reject is told of each row that is no record, by its line
   */
  derive(decoded: Decoded, lines: Lines, now: Micros, reject: Reject): Derived {
    const { rows } = decoded;
    this.#bad.fill(0, 0, rows);
    const { fields } = this.#plan.schema;
    const columns = this.#taken.map((from, index) =>
      from < 0 ? emptyColumn(fields[index].type) : decoded.columns[from],
    );
    let rejected = 0;
    const input = this.#batch(decoded.columns, rows, now);
    for (const maker of this.#read) {
      const column = maker.program.evaluate(input);
      columns[maker.field.index] = column;
      rejected += this.#judge(maker, column, decoded, reject);
    }
    const record = this.#batch([...columns, this.#raw(decoded, lines)], rows, now);
    for (const maker of this.#computed) {
      const column = maker.program.evaluate(record);
      rejected += this.#judge(maker, column, decoded, reject);
      columns[maker.field.index] = column;
    }
    if (rejected === 0) return { columns, kept: null, count: rows };
    return { columns, kept: this.#kept, count: this.#keep(rows) };
  }

  /** The lines of the rows as they came. */
  #raw({ rows, lines: of }: Decoded, { bytes, starts, ends }: Lines): StringColumn {
    for (let row = 0; row < rows; row++) {
      this.#starts[row] = starts[of[row]];
      this.#ends[row] = ends[of[row]];
    }
    return { type: 'string', bytes, starts: this.#starts, ends: this.#ends, valid: null };
  }

  #keep(rows: number): number {
    let count = 0;
    for (let row = 0; row < rows; row++) if (this.#bad[row] === 0) this.#kept[count++] = row;
    return count;
  }

  #batch(columns: readonly Column[], rows: number, now: Micros): Batch {
    return {
      schema: this.#plan.schema,
      columns,
      rows,
      selection: null,
      selected: rows,
      eventTime: this.#none,
      sequence: this.#none,
      late: null,
      lateBy: null,
      ingestTime: now,
      lane: this.#plan.name,
      windowStart: null,
      windowEnd: null,
    };
  }

  /** Rejects rows by what is NULL and may not be. @returns how many that were not rejected before */
  #judge({ field, from }: Maker, { valid }: Column, decoded: Decoded, reject: Reject): number {
    if (valid === null || (!field.required && field.pattern === null)) return 0;
    let rejected = 0;
    for (let row = 0; row < decoded.rows; row++) {
      if (valid[row] !== 0 || this.#bad[row] !== 0) continue;
      const unread = from.find((index) => isPresent(decoded.columns[index], row));
      if (unread === undefined && !field.required) continue;
      this.#bad[row] = 1;
      rejected++;
      const line = decoded.lines[row];
      if (unread !== undefined) {
        const found = excerpt(decoded.columns[unread], row);
        const detail = `${shorten(field.name)}: "${found}" where a timestamp (${shorten(field.pattern ?? '')}) is wanted`;
        reject(line, 'wrong-type', detail);
      } else {
        reject(line, 'missing-field', `${shorten(field.name)} is missing or null`);
      }
    }
    return rejected;
  }
}

function makerOf(field: DerivedField): Maker {
  const { expression, pattern } = field;
  const from = pattern === null ? [] : [...expression.reads].sort((a, b) => a - b);
  return { field, program: compile(expression), from };
}

function isPresent({ valid }: Column, row: number): boolean {
  return valid === null || valid[row] !== 0;
}

function shorten(text: string): string {
  return text.length > EXCERPT_BYTES_MAX ? `${text.slice(0, EXCERPT_BYTES_MAX)}...` : text;
}

/** The beginning of a text, cut between characters. */
function excerpt(column: Column, row: number): string {
  assert(column.type === 'string');
  const { bytes, starts, ends } = column;
  const start = starts[row];
  let end = Math.min(ends[row], start + EXCERPT_BYTES_MAX);
  while (end < ends[row] && (bytes[end] & 0xc0) === 0x80) end--;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  return end < ends[row] ? `${text}...` : text;
}
