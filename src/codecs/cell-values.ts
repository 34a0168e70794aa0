/**
 * The values of fields that are each a stretch of their line, not nested: cells of CSV, groups of a pattern. A
 * number, a flag or a time is written as in JSON, without quotes; what is wrong with one is said in the same words
 * whatever the codec.
 */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { LATEST } from '../stream/time.ts';
import type { BadLine, LaneField } from './codec.ts';
import { emptyColumn } from './empty-column.ts';
import { parseIsoTimestamp } from './iso-timestamp.ts';
import { FieldNode } from './json-field.ts';
import { JsonNumber } from './json-number.ts';
import { shorten, TOO_LARGE, WRONG_TYPE, wrongValue } from './wrong-value.ts';

const word = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const TRUE = word('true');
const FALSE = word('false');

export class CellValues {
  readonly nodes: readonly FieldNode[];
  readonly #fields: readonly LaneField[];
  readonly #numbers = new JsonNumber();
  #bytes: Buffer = Buffer.alloc(0);

  constructor(fields: readonly LaneField[]) {
    this.#fields = fields;
    this.nodes = fields.map(
      ({ name, type, used, format }, field) =>
        new FieldNode(name, type, { field, used, format }, BATCH_ROWS_MAX),
    );
  }

  /** Looks at other bytes from here on. */
  open(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#numbers.open(bytes);
  }

  /** Reads bytes[from .. to) into a row of a field. @returns what is wrong with it; 0: nothing */
  read(field: number, from: number, to: number, row: number): number {
    const node = this.nodes[field];
    const fault = this.#value(node, from, to, row);
    if (fault === 0) node.valid[row] = 1;
    return fault;
  }

  #value(node: FieldNode, from: number, to: number, row: number): number {
    switch (node.kind) {
      case 'string':
        node.starts[row] = from;
        node.ends[row] = to;
        return 0;
      case 'boolean': {
        const yes = this.says(from, to, TRUE);
        node.flags[row] = yes ? 1 : 0;
        return yes || this.says(from, to, FALSE) ? 0 : WRONG_TYPE;
      }
      case 'timestamp':
        return this.#timestamp(node, from, to, row);
      default:
        return this.#number(node, from, to, row);
    }
  }

  says(from: number, to: number, text: Uint8Array): boolean {
    if (to - from !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.#bytes[from + i] !== text[i]) return false;
    return true;
  }

  /** What is to be said of bytes that `read` has found a fault in. */
  wrong(
    field: number,
    from: number,
    to: number,
    fault: number,
  ): Pick<BadLine, 'reason' | 'detail'> {
    const text = from === to ? 'an empty text' : shorten(this.#bytes.subarray(from, to));
    return wrongValue(this.#fields[field], fault, text);
  }

  /** @param area the one that strings point into */
  columns(rows: number, area: Uint8Array): readonly Column[] {
    return this.nodes.map((node, field) =>
      node.used ? node.column(rows, area) : emptyColumn(this.#fields[field].type),
    );
  }

  #number(node: FieldNode, from: number, to: number, row: number): number {
    const numbers = this.#numbers;
    numbers.end = to;
    if (numbers.number(from) !== to) return WRONG_TYPE;
    if (node.kind === 'double') {
      node.numbers[row] = numbers.double(from, to);
      return 0;
    }
    const value = numbers.long(from, to);
    node.numbers[row] = value;
    if (value - value === 0) return 0;
    return value > 0 ? TOO_LARGE : WRONG_TYPE;
  }

  #timestamp(node: FieldNode, from: number, to: number, row: number): number {
    let micros = Number.NaN;
    if (node.format === 'iso8601') {
      micros = parseIsoTimestamp(this.#bytes, from, to);
    } else {
      const numbers = this.#numbers;
      numbers.end = to;
      if (numbers.number(from) === to) micros = numbers.epoch(node.format, from, to);
    }
    node.numbers[row] = micros;
    return micros <= LATEST && micros >= -LATEST ? 0 : WRONG_TYPE;
  }
}
