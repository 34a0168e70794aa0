/**
 * Reads one checked JSON object into the columns of a lane's fields in a single walk. A value that
 * does not fit its field is a fault of that field, noted with its place; the walk goes on, so that the
 * line is judged whole. Of repeated keys the last one counts, its faults included. Which fault makes
 * the verdict, and in what words, is the decoder's business.
 */
import assert from 'node:assert';
import { LATEST } from '../stream/time.ts';
import { ByteArea } from './byte-area.ts';
import { parseIsoTimestamp } from './iso-timestamp.ts';
import type { FieldNode, KeyTable } from './json-field.ts';
import { JsonNumber } from './json-number.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  LETTER_N,
  QUOTE,
  SPACE,
} from './json-text.ts';
import { appendUnescaped } from './ndjson-odd.ts';
import { SideArea } from './side-area.ts';
import { TOO_LARGE, WRONG_TYPE } from './wrong-value.ts';

export class JsonReader extends JsonNumber {
  /** Per field of the lane: what is wrong with its value in this line (0: nothing), and which bytes those are. */
  readonly faults: Uint8Array;
  readonly faultStarts: Int32Array;
  readonly faultEnds: Int32Array;
  faulty = 0;
  /** The first key at the top of this line that no field has, without its quotes; none: otherEnd is 0. */
  otherStart = 0;
  otherEnd = 0;
  /** Text that had to be unescaped. */
  readonly side = new SideArea();
  readonly #key = new ByteArea();

  constructor(fields: number) {
    super();
    this.faults = new Uint8Array(fields);
    this.faultStarts = new Int32Array(fields);
    this.faultEnds = new Int32Array(fields);
  }

  /** Forgets what the line before left. */
  begin(): void {
    this.keys = 0;
    this.lone = false;
    this.otherEnd = 0;
    if (this.faulty === 0) return;
    this.faults.fill(0);
    this.faulty = 0;
  }

  /**
   * Reads the object at `at` into row `row` of the nodes below `table`. Keys mostly come in the order
   * of the object before, so each node remembers who followed it.
   * @param depth of what is in the object
   */
  object(table: KeyTable, at: number, row: number, depth: number): number {
    const { bytes, end } = this;
    let guess = table.first;
    let previous: FieldNode | null = null;
    at = this.first(at, BRACE_CLOSE, depth);
    while (at >= 0 && !this.closed(at, BRACE_CLOSE)) {
      let node = guess;
      let behind = node === null ? -1 : this.#guessed(node.key, at);
      if (behind < 0) {
        this.escaped = false;
        const close = this.key(at);
        if (close < 0) return -1;
        node = this.#find(table, at + 1, close);
        if (node === null && depth === 1 && this.otherEnd === 0) {
          this.otherStart = at + 1;
          this.otherEnd = close;
        } else if (node?.plain) {
          if (previous === null) table.first = node;
          else previous.next = node;
        }
        behind = close + 1;
      }
      // What most programs write, without white space, is read in place: calls are what costs (measured).
      const compact = behind + 1 < end && bytes[behind] === COLON && bytes[behind + 1] > SPACE;
      at = compact ? behind + 1 : this.colon(behind);
      if (at < 0) return -1;
      if (node === null) {
        at = this.skip(at, depth);
      } else {
        const alone = node.twin === null && this.faulty === 0;
        at = alone ? this.#value(node, at, row, depth) : this.#fill(node, at, row, depth);
        previous = node;
        guess = node.next;
      }
      if (at < 0) return -1;
      if (at + 1 < end && bytes[at] === COMMA && bytes[at + 1] > SPACE) at++;
      else at = this.next(at, BRACE_CLOSE);
    }
    return at;
  }

  /** @returns the position behind the key if it is this one, else -1 */
  #guessed(key: Uint8Array, at: number): number {
    const { bytes } = this;
    const size = key.length;
    const first = at + 1;
    if (first + size > this.end || bytes[at] !== QUOTE) return -1;
    for (let i = 0; i < size; i++) if (bytes[first + i] !== key[i]) return -1;
    this.keys++;
    return first + size;
  }

  #find(table: KeyTable, from: number, to: number): FieldNode | null {
    if (!this.escaped) return table.find(this.bytes, from, to);
    if (this.lone) return null;
    this.#key.clear();
    appendUnescaped(this.bytes, from, to, this.#key);
    return table.find(this.#key.bytes, 0, this.#key.length);
  }

  /** Reads a value into its node and the node's twins; what an earlier key of that name left is forgotten. */
  #fill(node: FieldNode, at: number, row: number, depth: number): number {
    const keys = this.keys;
    if (this.faulty > 0) this.#pardon(node);
    const end = this.#value(node, at, row, depth);
    for (let twin = node.twin; twin !== null && end >= 0; twin = twin.twin) {
      this.keys = keys;
      if (this.faulty > 0) this.#pardon(twin);
      this.#value(twin, at, row, depth);
    }
    return end;
  }

  #pardon(node: FieldNode): void {
    if (node.kind === 'path') return; // reading it forgets what is below
    if (this.faults[node.field] === 0) return;
    this.faults[node.field] = 0;
    this.faulty--;
  }

  #fault(node: FieldNode, row: number, fault: number, from: number, to: number): void {
    node.blank(row);
    if (this.faults[node.field] !== 0) return;
    this.faults[node.field] = fault;
    this.faultStarts[node.field] = from;
    this.faultEnds[node.field] = to;
    this.faulty++;
  }

  #value(node: FieldNode, at: number, row: number, depth: number): number {
    switch (node.kind) {
      case 'long':
        return this.#long(node, at, row, depth);
      case 'string':
        return this.#text(node, at, row, depth);
      case 'timestamp':
        if (node.format === 'iso8601') return this.#isoTimestamp(node, at, row, depth);
        return this.#epochTimestamp(node, at, row, depth);
      case 'double':
        return this.#double(node, at, row, depth);
      case 'boolean':
        return this.#boolean(node, at, row, depth);
      case 'array':
        return this.#array(node, at, row, depth);
      case 'struct':
        return this.#struct(node, at, row, depth);
      default:
        this.#forget(node.children, row);
        if (this.peek(at) !== BRACE_OPEN) return this.skip(at, depth);
        return this.object(node.children, at, row, depth + 1);
    }
  }

  /** A value that is not of its field's type: null, or a fault. */
  #other(node: FieldNode, at: number, row: number, depth: number): number {
    const end = this.skip(at, depth);
    if (end < 0) return -1;
    if (this.bytes[at] === LETTER_N) node.blank(row);
    else this.#fault(node, row, WRONG_TYPE, at, end);
    return end;
  }

  #long(node: FieldNode, at: number, row: number, depth: number): number {
    if (!this.startsNumber(at)) return this.#other(node, at, row, depth);
    const end = this.number(at);
    if (end < 0) return -1;
    const value = this.long(at, end);
    if (value - value === 0) {
      node.numbers[row] = value;
      node.valid[row] = 1;
    } else {
      this.#fault(node, row, value > 0 ? TOO_LARGE : WRONG_TYPE, at, end);
    }
    return end;
  }

  #double(node: FieldNode, at: number, row: number, depth: number): number {
    if (!this.startsNumber(at)) return this.#other(node, at, row, depth);
    const end = this.number(at);
    if (end < 0) return -1;
    node.numbers[row] = this.double(at, end);
    node.valid[row] = 1;
    return end;
  }

  #epochTimestamp(node: FieldNode, at: number, row: number, depth: number): number {
    if (!this.startsNumber(at)) return this.#other(node, at, row, depth);
    const end = this.number(at);
    if (end < 0) return -1;
    this.#timestamp(node, this.epoch(node.format, at, end), at, end, row);
    return end;
  }

  #isoTimestamp(node: FieldNode, at: number, row: number, depth: number): number {
    if (this.peek(at) !== QUOTE) return this.#other(node, at, row, depth);
    this.escaped = false;
    const close = this.string(at + 1);
    if (close < 0) return -1;
    let micros = Number.NaN;
    if (!this.escaped) {
      micros = parseIsoTimestamp(this.bytes, at + 1, close);
    } else if (!this.lone) {
      this.#key.clear();
      appendUnescaped(this.bytes, at + 1, close, this.#key);
      micros = parseIsoTimestamp(this.#key.bytes, 0, this.#key.length);
    }
    this.#timestamp(node, micros, at, close + 1, row);
    return close + 1;
  }

  #timestamp(node: FieldNode, micros: number, at: number, end: number, row: number): void {
    if (micros <= LATEST && micros >= -LATEST) {
      node.numbers[row] = micros;
      node.valid[row] = 1;
    } else {
      this.#fault(node, row, WRONG_TYPE, at, end);
    }
  }

  #text(node: FieldNode, at: number, row: number, depth: number): number {
    if (this.peek(at) !== QUOTE) return this.#other(node, at, row, depth);
    this.escaped = false;
    const start = at + 1;
    const close = this.string(start);
    if (close < 0) return -1;
    if (this.escaped && node.used && !this.lone) {
      const { side } = this;
      node.starts[row] = side.base + side.length;
      appendUnescaped(this.bytes, start, close, side);
      node.ends[row] = side.base + side.length;
    } else {
      node.starts[row] = start;
      node.ends[row] = close;
    }
    node.valid[row] = 1;
    return close + 1;
  }

  #boolean(node: FieldNode, at: number, row: number, depth: number): number {
    const letter = this.peek(at);
    if (letter !== 0x74 && letter !== 0x66) return this.#other(node, at, row, depth);
    node.flags[row] = letter === 0x74 ? 1 : 0;
    node.valid[row] = 1;
    return this.skip(at, depth);
  }

  #array(node: FieldNode, at: number, row: number, depth: number): number {
    if (this.peek(at) !== BRACKET_OPEN) return this.#other(node, at, row, depth);
    const { element } = node;
    assert(element !== null);
    const start = element.rows;
    at = this.first(at, BRACKET_CLOSE, depth + 1);
    while (at >= 0 && !this.closed(at, BRACKET_CLOSE)) {
      const elementRow = element.rows++;
      element.room(elementRow);
      element.blank(elementRow); // legal also if the line turns out bad half way through
      at = this.#value(element, at, elementRow, depth + 1);
      if (at >= 0) at = this.next(at, BRACKET_CLOSE);
    }
    node.starts[row] = start;
    node.ends[row] = element.rows - start;
    node.valid[row] = 1;
    return at;
  }

  /** Finds the last value of each child first, then reads those: a repeated key leaves no trace. */
  #struct(node: FieldNode, at: number, row: number, depth: number): number {
    if (this.peek(at) !== BRACE_OPEN) return this.#other(node, at, row, depth);
    const children = node.children.nodes;
    for (const child of children) child.at = -1;
    const end = this.#locate(node.children, at, depth + 1);
    if (end < 0) return -1;
    const keys = this.keys;
    for (const child of children) {
      if (child.at < 0) child.blank(row);
      else this.#value(child, child.at, row, depth + 1);
    }
    this.keys = keys;
    node.valid[row] = 1;
    return end;
  }

  #locate(table: KeyTable, at: number, depth: number): number {
    at = this.first(at, BRACE_CLOSE, depth);
    while (at >= 0 && !this.closed(at, BRACE_CLOSE)) {
      this.escaped = false;
      const close = this.key(at);
      if (close < 0) return -1;
      const child = this.#find(table, at + 1, close);
      at = this.colon(close + 1);
      if (at < 0) return -1;
      if (child !== null) child.at = at;
      at = this.skip(at, depth);
      if (at >= 0) at = this.next(at, BRACE_CLOSE);
    }
    return at;
  }

  /** The step of a path comes again, or is no object: what was read below it does not count. */
  #forget(table: KeyTable, row: number): void {
    for (const node of table.nodes) {
      if (node.kind === 'path') {
        this.#forget(node.children, row);
      } else {
        node.valid[row] = 0;
        this.#pardon(node);
      }
    }
  }
}
