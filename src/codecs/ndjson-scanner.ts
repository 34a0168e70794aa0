/**
 * The fast way through lines of JSON: the module of `assembly/ndjson.ts` and the layout of its memory,
 * which holds the lane's columns and its lines, so that both readers write the same columns. It takes
 * lines that are plain and right, each exactly as the reader in TypeScript would, and stops at any other.
 *
 * Views of the memory are lost when it grows, which happens only in `room`, before anything is decoded.
 */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { LaneField, Lines } from './codec.ts';
import type { FieldNode } from './json-field.ts';
import { type FoundLines, LF } from './lines.ts';
import { type Memory, type NdjsonModule, openNdjsonModule, PAGE_BYTES } from './ndjson-module.ts';

// As in assembly/ndjson.ts.
const SLOT_BYTES = 128;
const KEY_AT = 32;
const KEY_BYTES_MAX = 96;
const TEMPLATE_SLOTS = 128;
const KINDS = { long: 1, double: 2, string: 3, boolean: 4 } as const;
const TIMESTAMP_KINDS = {
  epoch_s: 5,
  epoch_ms: 6,
  epoch_us: 7,
  epoch_ns: 8,
  iso8601: 9,
} as const;
/** One bit a field. */
const FIELDS_MAX = 64;

/** In front of everything; the module keeps its constants below it. */
const PLAN_AT = 4096;
/** A column's arrays: validity, and eight bytes a row for what else there is. */
const COLUMN_BYTES = 9 * BATCH_ROWS_MAX;
const INDEX_BYTES = 4 * BATCH_ROWS_MAX;
/** What arrives at once mostly fits: a chunk and the beginning of a line. */
const FIRST_ROOM_BYTES = 256 * 1024;
/** Vectors are read whole: so many bytes behind the last line must be there. */
const SLACK_BYTES = 64;
/** After a batch of which most lines were not for the scanner, so many are spared a look in vain. */
const BATCHES_SPARED = 15;
/** Fewer lines say nothing about those to come. */
const TELLING_LINES = 16;

export class NdjsonScanner implements Lines {
  readonly lineEnd = LF;
  readonly #nodes: readonly FieldNode[];
  readonly #memory: Memory;
  readonly #module: NdjsonModule;
  readonly #columnsAt: number;
  readonly #startsAt: number;
  readonly #endsAt: number;
  readonly #linesAt: number;
  readonly #roomAt: number;
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #lines = new Int32Array(0);
  #room = Buffer.alloc(0);
  #spared = 0;

  /**
   * @param nodes those of `fields`; their memory is the module's from here on
   * @param closed take no line that has other keys
   * @returns null: the fields are not all of the simple kind, or this system cannot run the module
   */
  static over(
    fields: readonly LaneField[],
    nodes: readonly FieldNode[],
    closed = false,
  ): NdjsonScanner | null {
    if (fields.length > FIELDS_MAX || !fields.every((field, i) => isSimple(field, nodes[i]))) {
      return null;
    }
    const columnsAt = PLAN_AT + (fields.length + TEMPLATE_SLOTS) * SLOT_BYTES;
    const roomAt = columnsAt + fields.length * COLUMN_BYTES + 3 * INDEX_BYTES;
    const opened = openNdjsonModule(roomAt + FIRST_ROOM_BYTES + SLACK_BYTES);
    if (opened === null) return null;
    return new NdjsonScanner(fields, nodes, opened, columnsAt, roomAt, closed);
  }

  private constructor(
    fields: readonly LaneField[],
    nodes: readonly FieldNode[],
    { memory, module }: { readonly memory: Memory; readonly module: NdjsonModule },
    columnsAt: number,
    roomAt: number,
    closed: boolean,
  ) {
    this.#nodes = nodes;
    this.#memory = memory;
    this.#module = module;
    this.#columnsAt = columnsAt;
    this.#startsAt = roomAt - 3 * INDEX_BYTES;
    this.#endsAt = roomAt - 2 * INDEX_BYTES;
    this.#linesAt = roomAt - INDEX_BYTES;
    this.#roomAt = roomAt;
    this.#writePlan(fields);
    const template = PLAN_AT + fields.length * SLOT_BYTES;
    module.open(PLAN_AT, fields.length, template, closed ? 1 : 0);
    this.#look();
  }

  /** Row to line, of the rows of this batch. */
  get lines(): Int32Array {
    return this.#lines;
  }

  room(size: number): Buffer {
    if (this.#room.length < size) {
      const missing = 2 * size - this.#room.length;
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.#look();
    }
    return this.#room;
  }

  get starts(): Int32Array {
    return this.#starts;
  }

  get ends(): Int32Array {
    return this.#ends;
  }

  find(from: number, to: number): FoundLines {
    const count = this.#module.find(this.#roomAt, from, to, this.#startsAt, this.#endsAt);
    if (count === 0) return { count, next: from };
    const end = this.#ends[count - 1];
    return { count, next: this.#room[end] === LF ? end + 1 : end + 2 };
  }

  /** Begins a batch. @returns false: from what came before, there is little for the scanner in it */
  begin(): boolean {
    if (this.#spared === 0) return true;
    this.#spared--;
    return false;
  }

  /** Ends a batch. @param left lines that `scan` did not take */
  end(lines: number, left: number): void {
    if (lines >= TELLING_LINES && 2 * left > lines) this.#spared = BATCHES_SPARED;
  }

  /** Reads lines from `first` on, into rows from `row` on. @returns the first line it did not take, or `last` */
  scan(first: number, last: number, row: number): number {
    return this.#module.decode(
      this.#roomAt,
      this.#startsAt,
      this.#endsAt,
      this.#linesAt,
      first,
      last,
      row,
    );
  }

  #writePlan(fields: readonly LaneField[]): void {
    const view = new DataView(this.#memory.buffer);
    fields.forEach((field, i) => {
      const { key } = this.#nodes[i];
      const at = PLAN_AT + i * SLOT_BYTES;
      const column = this.#columnsAt + i * COLUMN_BYTES;
      view.setUint32(at, key.length, true);
      view.setUint32(at + 4, kindOf(field), true);
      view.setBigUint64(at + 8, 1n << BigInt(i), true);
      view.setUint32(at + 16, column + 8 * BATCH_ROWS_MAX, true);
      view.setUint32(at + 20, column, true);
      view.setUint32(at + 24, column + INDEX_BYTES, true);
      view.setUint32(at + 28, field.required ? 1 : 0, true);
      new Uint8Array(this.#memory.buffer).set(key, at + KEY_AT);
    });
  }

  /** Makes all views anew, as the memory may have moved. */
  #look(): void {
    const { buffer } = this.#memory;
    this.#nodes.forEach((node, i) => {
      const at = this.#columnsAt + i * COLUMN_BYTES;
      node.valid = new Uint8Array(buffer, at + 8 * BATCH_ROWS_MAX, BATCH_ROWS_MAX);
      if (node.kind === 'string') {
        node.starts = new Int32Array(buffer, at, BATCH_ROWS_MAX);
        node.ends = new Int32Array(buffer, at + INDEX_BYTES, BATCH_ROWS_MAX);
      } else if (node.kind === 'boolean') {
        node.flags = new Uint8Array(buffer, at, BATCH_ROWS_MAX);
      } else {
        node.numbers = new Float64Array(buffer, at, BATCH_ROWS_MAX);
      }
    });
    this.#starts = new Int32Array(buffer, this.#startsAt, BATCH_ROWS_MAX);
    this.#ends = new Int32Array(buffer, this.#endsAt, BATCH_ROWS_MAX);
    this.#lines = new Int32Array(buffer, this.#linesAt, BATCH_ROWS_MAX);
    this.#room = Buffer.from(buffer, this.#roomAt, buffer.byteLength - this.#roomAt - SLACK_BYTES);
  }
}

/** A key of the line itself that no other field wants, and a value that the module knows. */
function isSimple(field: LaneField, node: FieldNode): boolean {
  return (
    field.source.length === 1 &&
    node.key.length <= KEY_BYTES_MAX &&
    node.twin === null &&
    kindOf(field) > 0
  );
}

/** @returns the module's number of a field's kind; 0: it has none */
function kindOf({ type, format }: LaneField): number {
  switch (type.kind) {
    case 'long':
    case 'double':
    case 'string':
    case 'boolean':
      return KINDS[type.kind];
    case 'timestamp':
      return TIMESTAMP_KINDS[format];
    default:
      return 0;
  }
}
