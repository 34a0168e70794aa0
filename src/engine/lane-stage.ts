/**
 * A lane inside the engine: finds the lines in its chunks, decodes and numbers them, judges lateness
 * and moves the lane's time. Every line it counts is a record, bad, torn or empty, never two of these.
 */
import assert from 'node:assert';
import type { BadRecordReason, Decoded, LineDecoder } from '../codecs/codec.ts';
import { createDecoder } from '../codecs/index.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column, NumberColumn } from '../stream/column.ts';
import type { ConnectionEnd } from '../stream/entry.ts';
import { fieldIndex } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { LanePlan } from '../topology/plan.ts';
import type { BadRecord } from './bad-record.ts';
import { LaneFields } from './lane-fields.ts';
import type { LaneOut } from './lane-out.ts';
import { Partial } from './partial.ts';
import type { LaneTime } from './progress.ts';

/** Event times at or before the epoch are bad records on every engine (Spark drops them). */
const EPOCH: Micros = 0;

/** What a lane's stage tells the engine. */
export interface LaneOutlet {
  /** A batch has left: let time move what it may. */
  advanced(): void;
  bad(record: BadRecord): void;
}

export class LaneStage {
  readonly plan: LanePlan;
  readonly time: LaneTime;
  lines: number;
  badLines: number;
  tornLines: number;
  emptyLines: number;
  lateRecords: number;
  bytes: number;
  readonly #out: LaneOut;
  readonly #outlet: LaneOutlet;
  readonly #decoder: LineDecoder;
  /** null: the columns of the codec are the fields. */
  readonly #fields: LaneFields | null;
  readonly #timeField: number;
  readonly #partials: Map<number, Partial>;
  readonly #recordsBefore: number;
  readonly #eventTime = new Float64Array(BATCH_ROWS_MAX);
  readonly #sequence = new Float64Array(BATCH_ROWS_MAX);
  readonly #late = new Uint8Array(BATCH_ROWS_MAX);
  readonly #lateBy = new Float64Array(BATCH_ROWS_MAX);
  readonly #selection = new Int32Array(BATCH_ROWS_MAX);

  /** @param former of the same lane under the plan before: connections, unfinished lines and numbers go on */
  constructor(
    plan: LanePlan,
    time: LaneTime,
    out: LaneOut,
    outlet: LaneOutlet,
    former?: LaneStage,
  ) {
    this.plan = plan;
    this.lines = former?.lines ?? 0;
    this.badLines = former?.badLines ?? 0;
    this.tornLines = former?.tornLines ?? 0;
    this.emptyLines = former?.emptyLines ?? 0;
    this.lateRecords = former?.lateRecords ?? 0;
    this.bytes = former?.bytes ?? 0;
    this.#recordsBefore = former?.records ?? 0;
    this.#partials = former === undefined ? new Map() : former.#partials;
    this.time = time;
    this.#out = out;
    this.#outlet = outlet;
    this.#decoder = createDecoder(plan.codec);
    this.#fields = plan.derivation === null ? null : new LaneFields(plan, plan.derivation);
    this.#timeField = plan.eventTime === null ? -1 : fieldIndex(plan.schema, plan.eventTime.field);
    assert(plan.eventTime === null || this.#timeField >= 0);
  }

  get records(): number {
    return this.#recordsBefore + this.#out.records;
  }

  opened(connection: number, now: Micros): void {
    assert(!this.#partials.has(connection), `connection ${connection} opened twice`);
    this.#partials.set(connection, new Partial(this.plan.maxLineBytes, this.#decoder.lineEnd));
    this.time.connected(now);
  }

  /**
   * Reads a chunk: the kept beginning of a line is joined with it in one buffer, so that every line,
   * also one cut by chunks, is decoded by the same code in the same batch.
   */
  chunk(connection: number, bytes: Uint8Array, now: Micros): void {
    const partial = this.#partial(connection);
    this.bytes += bytes.length;
    const end = bytes.indexOf(this.#decoder.lineEnd);
    if (end < 0) {
      // Nothing is joined before the line ends: one that comes byte by byte would be copied each time.
      partial.keep(bytes);
      return;
    }
    let from = 0;
    if (partial.overlong) {
      partial.keep(bytes.subarray(0, end));
      this.#rejectPartial(connection, partial);
      from = end + 1;
    }
    const begun = partial.bytes;
    const length = begun.length + bytes.length - from;
    const buffer = this.#decoder.room(length);
    buffer.set(begun, 0);
    buffer.set(from === 0 ? bytes : bytes.subarray(from), begun.length);
    partial.clear();
    const rest = this.#lines(connection, partial, buffer, length, now);
    partial.keep(buffer.subarray(rest, length));
  }

  /**
   * A connection has ended. An unterminated last line counts if the end was an orderly one, else it is torn.
   * @returns whether a run of a vehicle that is not started by us ended here, cleanly: it was the last
   *   open connection, it ended in order, after a whole line
   */
  closed(connection: number, how: ConnectionEnd, now: Micros): boolean {
    const partial = this.#partial(connection);
    let whole = how === 'end';
    const line = partial.bytes;
    if (partial.overlong) {
      this.#rejectPartial(connection, partial);
      whole = false;
    } else if (line.length > 0 && how === 'end') {
      const bad = this.badLines;
      const buffer = this.#decoder.room(partial.size);
      buffer.set(line.subarray(0, partial.size), 0);
      this.#decoder.starts[0] = 0;
      this.#decoder.ends[0] = partial.size;
      this.#decode(connection, partial, buffer, 1, now);
      whole = this.badLines === bad;
    } else if (line.length > 0) {
      this.lines++;
      this.tornLines++;
    }
    this.#partials.delete(connection);
    this.time.connections--;
    return whole && this.time.connections === 0;
  }

  /** The process that held the connections is gone, and their sockets with it. */
  abandoned(now: Micros): void {
    for (const connection of [...this.#partials.keys()]) this.closed(connection, 'stop', now);
  }

  #partial(connection: number): Partial {
    const partial = this.#partials.get(connection);
    assert(partial !== undefined, `connection ${connection} of ${this.plan.name} is not open`);
    return partial;
  }

  /** Decodes the complete lines of the buffer in batches. @returns where the unfinished rest begins */
  #lines(
    connection: number,
    partial: Partial,
    buffer: Uint8Array,
    length: number,
    now: Micros,
  ): number {
    let from = 0;
    for (;;) {
      const found = this.#decoder.find(from, length);
      if (found.count === 0) return found.next;
      this.#splitOverlong(connection, partial, buffer, found.count, now);
      from = found.next;
    }
  }

  /** Decodes runs of lines between those that are over the limit. */
  #splitOverlong(
    connection: number,
    partial: Partial,
    buffer: Uint8Array,
    count: number,
    now: Micros,
  ): void {
    const max = this.plan.maxLineBytes;
    const { starts, ends } = this.#decoder;
    let first = 0;
    for (let i = 0; i < count; i++) {
      const start = starts[i];
      const size = ends[i] - start;
      if (size <= max) continue;
      this.#decode(connection, partial, buffer, i, now, first);
      this.#rejectOverlong(connection, partial, buffer.subarray(start, start + max), size);
      first = i + 1;
    }
    this.#decode(connection, partial, buffer, count, now, first);
  }

  /** Decodes lines first..last-1 and emits their records as one batch. */
  #decode(
    connection: number,
    partial: Partial,
    buffer: Uint8Array,
    last: number,
    now: Micros,
    first = 0,
  ): void {
    if (partial.header === null) first = this.#readHeader(connection, partial, buffer, first, last);
    if (last === first) return;
    const decoded = this.#decoder.decode(first, last, partial.header);
    const laneLine = this.lines + 1 - first;
    const connectionLine = partial.lines + 1 - first;
    this.lines += last - first;
    partial.lines += last - first;
    this.emptyLines += decoded.empty;
    const rejected: BadRecord[] = [];
    const reject = (line: number, reason: BadRecordReason, detail: string): void => {
      const bytes = buffer.subarray(this.#decoder.starts[line], this.#decoder.ends[line]);
      const size = bytes.length;
      rejected.push({ reason, detail, connection, line: connectionLine + line, bytes, size });
    };
    for (const bad of decoded.bad) reject(bad.line, bad.reason, bad.detail);
    if (decoded.rows > 0) this.#emit(decoded, buffer, laneLine, now, reject);
    // Lines are rejected in their order, whether the codec or the lane's time found fault with them.
    rejected.sort((a, b) => a.line - b.line);
    this.badLines += rejected.length;
    for (const bad of rejected) this.#outlet.bad(bad);
    this.#outlet.advanced();
  }

  /**
   * Takes the header from the lines, where the codec has one, and empty lines before it. A good one is no line of
   * the account, a bad one is a bad line.
   * @returns the first line behind it
   */
  #readHeader(
    connection: number,
    partial: Partial,
    buffer: Uint8Array,
    first: number,
    last: number,
  ): number {
    const { readHeader, starts, ends } = this.#decoder;
    if (readHeader === null) return first;
    let line = first;
    while (line < last && starts[line] === ends[line]) line++;
    this.lines += line - first;
    this.emptyLines += line - first;
    partial.lines += line - first;
    if (line === last) return last;
    const header = readHeader(line);
    partial.header = header;
    if (header.problem !== null) {
      const bytes = buffer.subarray(starts[line], ends[line]);
      this.#reject(connection, partial, 'bad-header', header.problem, bytes, bytes.length);
    }
    return line + 1;
  }

  #emit(
    decoded: Decoded,
    bytes: Uint8Array,
    laneLine: number,
    now: Micros,
    reject: (line: number, reason: BadRecordReason, detail: string) => void,
  ): void {
    const { rows, lines } = decoded;
    const sequence = this.#sequence;
    for (let row = 0; row < rows; row++) sequence[row] = laneLine + lines[row];
    const { columns, kept, count } = this.#fields?.derive(
      decoded,
      { bytes, starts: this.#decoder.starts, ends: this.#decoder.ends },
      now,
      reject,
    ) ?? {
      columns: decoded.columns,
      kept: null,
      count: rows,
    };
    if (count === 0) return;
    if (this.#timeField < 0) {
      this.#eventTime.fill(now, 0, rows);
      this.time.heard(now);
      this.#out.emit(this.#batch(columns, rows, kept, count, false, now));
      return;
    }
    const times = columns[this.#timeField] as NumberColumn;
    const selected = this.#judge(times, kept, count);
    if (selected.count < count) {
      for (let k = 0; k < count; k++) {
        const row = kept === null ? k : kept[k];
        if (!isEventTime(times, row)) {
          reject(lines[row], 'bad-event-time', this.#badTime(times, row));
        }
      }
    }
    if (selected.count > 0) this.time.heard(now);
    this.lateRecords += selected.late;
    const selection = selected.count < rows ? this.#selection : null;
    const late = selected.late > 0;
    this.#out.emit(this.#batch(columns, rows, selection, selected.count, late, now));
  }

  /**
   * Judges each row's lateness in order, moving M. Rows without a usable time are left out.
   * @param kept positions of the rows, null: all of them
   */
  #judge(
    times: NumberColumn,
    kept: Int32Array | null,
    rows: number,
  ): { readonly count: number; readonly late: number } {
    const { time } = this;
    const eventTime = this.#eventTime;
    const delay = +time.maxDelay;
    const allowed = +time.allowed;
    let newest = +time.newest;
    let count = 0;
    let lateRows = 0;
    for (let k = 0; k < rows; k++) {
      const row = kept === null ? k : kept[k];
      if (!isEventTime(times, row)) continue;
      const at = times.values[row];
      eventTime[row] = at;
      const behind = Math.max(newest - delay, allowed + 1) - at;
      const late = behind > 0 ? 1 : 0;
      this.#late[row] = late;
      this.#lateBy[row] = behind;
      lateRows += late;
      if (late === 0 && at > newest) newest = at;
      this.#selection[count++] = row;
    }
    time.newest = newest;
    return { count, late: lateRows };
  }

  #badTime(times: NumberColumn, row: number): string {
    const field = this.plan.eventTime?.field ?? '';
    return times.valid !== null && times.valid[row] === 0
      ? `the event time "${field}" is missing`
      : `the event time "${field}" is not after 1970-01-01T00:00:00Z`;
  }

  #batch(
    columns: readonly Column[],
    rows: number,
    selection: Int32Array | null,
    selected: number,
    late: boolean,
    now: Micros,
  ): Batch {
    return {
      schema: this.plan.schema,
      columns,
      rows,
      selection,
      selected,
      eventTime: this.#eventTime,
      sequence: this.#sequence,
      late: late ? this.#late : null,
      lateBy: late ? this.#lateBy : null,
      ingestTime: now,
      lane: this.plan.name,
      windowStart: null,
      windowEnd: null,
    };
  }

  #rejectPartial(connection: number, partial: Partial): void {
    this.#rejectOverlong(connection, partial, partial.bytes, partial.size);
    partial.clear();
  }

  #rejectOverlong(connection: number, partial: Partial, bytes: Uint8Array, size: number): void {
    const detail = `a line of ${size} bytes; the limit is ${this.plan.maxLineBytes}`;
    if (this.#decoder.readHeader !== null) partial.header ??= { columns: [], problem: detail };
    this.#reject(connection, partial, 'line-too-long', detail, bytes, size);
  }

  #reject(
    connection: number,
    partial: Partial,
    reason: BadRecordReason,
    detail: string,
    bytes: Uint8Array,
    size: number,
  ): void {
    this.lines++;
    this.badLines++;
    const line = ++partial.lines;
    this.#outlet.bad({ reason, detail, connection, line, bytes, size });
  }
}

function isEventTime(times: NumberColumn, row: number): boolean {
  return (times.valid === null || times.valid[row] === 1) && times.values[row] > EPOCH;
}
