/**
 * Results to AMQP messages: message annotations, properties and one AMQP value (AMQP 1.0 part 3,
 * section 3.2); the header is put in front at each offer. A format: the bytes go to the hold, and a
 * replay must give the same. Constant parts are encoded once.
 */
import type { Column } from '../stream/column.ts';
import type { Lsn } from '../stream/entry.ts';
import type { Bodies, Sequence } from '../stream/port.ts';
import type { DataType } from '../stream/schema.ts';
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
import { jsonKey, type Names, writeJsonObject } from './json-writer.ts';

const LIST = 0xc0;
const MAP = 0xc1;
/** Descriptors of sections. */
const ANNOTATIONS = [0x00, 0x53, 0x72];
const PROPERTIES = [0x00, 0x53, 0x73];
const VALUE = [0x00, 0x53, 0x77];
/** Rows that a first batch may have without growing the index. */
const FIRST_ROWS = 1024;

/** A field as it leaves. */
export interface NamedType {
  readonly name: string;
  readonly type: DataType;
}

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
  readonly fields: readonly NamedType[];
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
  readonly #names: Names;

  constructor(prefix: Uint8Array, fields: readonly NamedType[]) {
    super(prefix);
    this.#names = namesOf(fields, encodedText);
  }

  protected body(columns: readonly Column[], row: number): void {
    putMap(this.area, columns, this.#names, row);
  }
}

class JsonEncoder extends Encoder {
  readonly #names: Names;
  readonly #object = new ByteArea();

  constructor(prefix: Uint8Array, fields: readonly NamedType[]) {
    super(prefix);
    this.#names = namesOf(fields, jsonKey);
  }

  protected body(columns: readonly Column[], row: number): void {
    const object = this.#object;
    object.clear();
    writeJsonObject(object, columns, this.#names, row);
    putString(this.area, object.bytes, 0, object.length);
  }
}

function encodedText(text: string): Uint8Array {
  const area = new ByteArea();
  putText(area, text);
  return area.written().slice();
}

/** @param encode a name as the format writes it, once for all rows */
export function namesOf(fields: readonly NamedType[], encode: (name: string) => Uint8Array): Names {
  return {
    keys: fields.map(({ name }) => encode(name)),
    fields: fields.map(({ type }) => namesIn(type, encode)),
  };
}

function namesIn(type: DataType, encode: (name: string) => Uint8Array): Names {
  if (type.kind === 'struct') return namesOf(type.fields, encode);
  if (type.kind !== 'array') return { keys: [], fields: [] };
  return { keys: [], fields: [], element: namesIn(type.element, encode) };
}

function putMap(area: ByteArea, columns: readonly Column[], names: Names, row: number): void {
  const start = beginCompound(area);
  for (let i = 0; i < columns.length; i++) {
    const key = names.keys[i];
    area.copy(key, 0, key.length);
    putValue(area, columns[i], names.fields[i], row);
  }
  endCompound(area, start, MAP, 2 * columns.length);
}

function putValue(area: ByteArea, column: Column, names: Names, row: number): void {
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
      for (let i = 0; i < count; i++) {
        putValue(area, column.element, names.element ?? names, first + i);
      }
      endCompound(area, start, LIST, count);
      break;
    }
    case 'struct':
      putMap(area, column.fields, names, row);
      break;
  }
}
