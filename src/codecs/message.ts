/**
 * Results to AMQP messages: message annotations, properties and one AMQP value (AMQP 1.0 part 3,
 * section 3.2); the header is put in front at each offer. A format: the bytes go to the hold, and a
 * replay must give the same. Constant parts are encoded once.
 */
import type { Column } from '../stream/column.ts';
import type { Lsn } from '../stream/entry.ts';
import type { Bodies, Sequence } from '../stream/port.ts';
import type { DataType, Field } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import {
  beginCompound,
  endCompound,
  putBoolean,
  putDouble,
  putLong,
  putNull,
  putString,
  putSymbol,
  putText,
  putTimestamp,
  putUlong,
  putUuid,
} from './amqp-types.ts';
import { ByteArea } from './byte-area.ts';
import { jsonKey, type Names, writeJsonValue } from './json-writer.ts';

const LIST = 0xc0;
const MAP = 0xc1;
/** Descriptors of sections. */
const ANNOTATIONS = [0x00, 0x53, 0x72];
const PROPERTIES = [0x00, 0x53, 0x73];
const VALUE = [0x00, 0x53, 0x77];
/** Rows that a first batch may have without growing the index. */
const FIRST_ROWS = 1024;

export interface MessageEncoder {
  /**
   * Encodes the selected rows as messages first, first + 1, ...
   * @returns memory of the encoder, valid until its next call
   */
  encode(
    columns: readonly Column[],
    selection: Int32Array | null,
    count: number,
    first: Sequence,
    at: Micros,
    cause: Lsn,
  ): Bodies;
}

export function createMessageEncoder(options: {
  readonly format: 'map' | 'json';
  /** 128 bits in hex: one life of the exit's numbering. */
  readonly stream: string;
  readonly fields: readonly { readonly name: string; readonly type: DataType }[];
}): MessageEncoder {
  const { format, stream, fields } = options;
  const prefix = annotations(stream, format);
  return format === 'map' ? new MapEncoder(prefix, fields) : new JsonEncoder(prefix, fields);
}

/** The annotations every message of an exit carries. */
export function annotations(stream: string, format: string): Uint8Array {
  const area = new ByteArea();
  for (const byte of ANNOTATIONS) area.byte(byte);
  const start = beginCompound(area);
  putSymbol(area, 'x-opt-roundabout-stream');
  putUuid(area, stream);
  putSymbol(area, 'x-opt-roundabout-format');
  putText(area, format);
  endCompound(area, start, MAP, 4);
  return area.written().slice();
}

/** Message id and creation time, and the head of the value that follows. */
export function beginMessage(area: ByteArea, prefix: Uint8Array, id: Sequence, at: Micros): void {
  area.copy(prefix, 0, prefix.length);
  for (const byte of PROPERTIES) area.byte(byte);
  const start = beginCompound(area);
  putUlong(area, id);
  // user-id, to, subject, reply-to, correlation-id, content-type, content-encoding, absolute-expiry-time
  for (let i = 0; i < 8; i++) putNull(area);
  putTimestamp(area, at);
  endCompound(area, start, LIST, 10);
  for (const byte of VALUE) area.byte(byte);
}

abstract class Encoder implements MessageEncoder {
  protected readonly area = new ByteArea();
  readonly #prefix: Uint8Array;
  #ends = new Int32Array(FIRST_ROWS);

  constructor(prefix: Uint8Array) {
    this.#prefix = prefix;
  }

  encode(
    columns: readonly Column[],
    selection: Int32Array | null,
    count: number,
    first: Sequence,
    at: Micros,
    cause: Lsn,
  ): Bodies {
    const { area } = this;
    area.clear();
    if (this.#ends.length < count) this.#ends = new Int32Array(2 * count);
    for (let k = 0; k < count; k++) {
      beginMessage(area, this.#prefix, first + k, at);
      this.body(columns, selection === null ? k : selection[k]);
      this.#ends[k] = area.length;
    }
    return { first, count, bytes: area.written(), ends: this.#ends, at, cause };
  }

  protected abstract body(columns: readonly Column[], row: number): void;
}

class MapEncoder extends Encoder {
  readonly #keys: readonly Uint8Array[];
  readonly #types: readonly DataType[];

  constructor(prefix: Uint8Array, fields: readonly { name: string; type: DataType }[]) {
    super(prefix);
    this.#keys = fields.map(({ name }) => encodedText(name));
    this.#types = fields.map(({ type }) => type);
  }

  protected body(columns: readonly Column[], row: number): void {
    const { area } = this;
    const start = beginCompound(area);
    for (let i = 0; i < columns.length; i++) {
      const key = this.#keys[i];
      area.copy(key, 0, key.length);
      putValue(area, columns[i], this.#types[i], row);
    }
    endCompound(area, start, MAP, 2 * columns.length);
  }
}

class JsonEncoder extends Encoder {
  readonly #names: Names;
  readonly #object = new ByteArea();

  constructor(prefix: Uint8Array, fields: readonly { name: string; type: DataType }[]) {
    super(prefix);
    this.#names = namesOf(fields);
  }

  protected body(columns: readonly Column[], row: number): void {
    const object = this.#object;
    object.clear();
    object.byte(0x7b);
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) object.byte(0x2c);
      const key = this.#names.keys[i];
      object.copy(key, 0, key.length);
      writeJsonValue(object, columns[i], this.#names.fields[i], row);
    }
    object.byte(0x7d);
    putString(this.area, object.bytes, 0, object.length);
  }
}

function encodedText(text: string): Uint8Array {
  const area = new ByteArea();
  putText(area, text);
  return area.written().slice();
}

function namesOf(fields: readonly { readonly name: string; readonly type: DataType }[]): Names {
  return {
    keys: fields.map(({ name }) => jsonKey(name)),
    fields: fields.map(({ type }) => namesIn(type)),
  };
}

function namesIn(type: DataType): Names {
  if (type.kind === 'struct') return namesOf(type.fields);
  if (type.kind === 'array') return { keys: [], fields: [], element: namesIn(type.element) };
  return { keys: [], fields: [] };
}

function putValue(area: ByteArea, column: Column, type: DataType, row: number): void {
  if (column.valid !== null && column.valid[row] === 0) {
    putNull(area);
    return;
  }
  switch (column.type) {
    case 'boolean':
      putBoolean(area, column.values[row] === 1);
      break;
    case 'long':
    case 'interval':
      putLong(area, column.values[row]);
      break;
    case 'double':
      putDouble(area, column.values[row]);
      break;
    case 'timestamp':
      putTimestamp(area, column.values[row]);
      break;
    case 'string':
      putString(area, column.bytes, column.starts[row], column.ends[row]);
      break;
    case 'array': {
      const start = beginCompound(area);
      const first = column.starts[row];
      const count = column.lengths[row];
      const element = type.kind === 'array' ? type.element : type;
      for (let i = 0; i < count; i++) putValue(area, column.element, element, first + i);
      endCompound(area, start, LIST, count);
      break;
    }
    case 'struct': {
      const start = beginCompound(area);
      const fields: readonly Field[] = type.kind === 'struct' ? type.fields : [];
      for (const [i, field] of column.fields.entries()) {
        putText(area, fields[i].name);
        putValue(area, field, fields[i].type, row);
      }
      endCompound(area, start, MAP, 2 * column.fields.length);
      break;
    }
  }
}
