/**
 * Results to AMQP messages: message annotations, properties, application properties and one AMQP value
 * (AMQP 1.0 part 3, section 3.2); the header is put in front at each offer. A format: the bytes go to the hold, and a
 * replay must give the same. Constant parts are encoded once.
 */
import assert from 'node:assert';
import type { Column } from '../stream/column.ts';
import type { Lsn } from '../stream/entry.ts';
import type { Bodies, MessageKeys, Sequence } from '../stream/port.ts';
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
const APPLICATION_PROPERTIES = [0x00, 0x53, 0x74];
const VALUE = [0x00, 0x53, 0x77];
const NO_PROPERTIES: readonly NamedType[] = [];
const NO_NAMES: Names = { keys: [], fields: [] };
/** Rows that a first batch may have without growing the index. */
const FIRST_ROWS = 1024;

/** A field as it leaves. */
export interface NamedType {
  readonly name: string;
  readonly type: DataType;
}

/** The body of a message; `text` is that of its one field. */
export type BodyFormat = 'map' | 'json' | 'ndjson' | 'text';

export interface MessageShape {
  readonly format: BodyFormat;
  /** 128 bits in hex: one life of the exit's numbering. */
  readonly stream: string;
  /** Of the body. */
  readonly fields: readonly NamedType[];
  /** Of the application properties, none of them nested. */
  readonly properties?: readonly NamedType[];
  readonly hasSubject?: boolean;
}

export interface MessageEncoder {
  /**
   * Encodes the selected rows as messages first, first + 1, ...
   * @param columns of the body, then of the application properties, then the subject if there is one, a text
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

export function createMessageEncoder(shape: MessageShape): MessageEncoder {
  switch (shape.format) {
    case 'map':
      return new MapEncoder(shape);
    case 'text':
      return new TextEncoder(shape);
    default:
      return new JsonEncoder(shape); // a line of its own is one object, too
  }
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

/**
 * All that stands before the body: id, subject and creation time, application properties, and the head of the
 * value that follows.
 */
export function beginMessage(
  area: ByteArea,
  prefix: Uint8Array,
  id: Sequence,
  at: Micros,
  subject?: () => void,
  properties?: () => void,
): void {
  area.copy(prefix, 0, prefix.length);
  for (const byte of PROPERTIES) area.byte(byte);
  const start = beginCompound(area);
  putUlong(area, id);
  for (let i = 0; i < 2; i++) putNull(area); // user-id, to
  if (subject === undefined) putNull(area);
  else subject();
  // reply-to, correlation-id, content-type, content-encoding, absolute-expiry-time
  for (let i = 0; i < 5; i++) putNull(area);
  putTimestamp(area, at);
  endCompound(area, start, LIST, 10);
  if (properties !== undefined) {
    for (const byte of APPLICATION_PROPERTIES) area.byte(byte);
    properties();
  }
  for (const byte of VALUE) area.byte(byte);
}

abstract class Encoder implements MessageEncoder {
  protected readonly area = new ByteArea();
  readonly #prefix: Uint8Array;
  readonly #properties: Names;
  /** Where the columns of the properties begin, and where they end. */
  readonly #firstProperty: number;
  readonly #endOfProperties: number;
  readonly #putSubject: (() => void) | undefined;
  readonly #putProperties: (() => void) | undefined;
  #propertyColumns: readonly Column[] = [];
  #subjects: Column | undefined;
  #row = 0;
  #ends = new Int32Array(FIRST_ROWS);

  constructor({ stream, format, fields, properties = NO_PROPERTIES, hasSubject }: MessageShape) {
    this.#prefix = annotations(stream, format);
    this.#properties = namesOf(properties, encodedText);
    this.#firstProperty = fields.length;
    this.#endOfProperties = fields.length + properties.length;
    if (hasSubject) this.#putSubject = () => this.#subject();
    if (properties.length > 0) this.#putProperties = () => this.#applicationProperties();
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
    this.#propertyColumns = columns.slice(this.#firstProperty, this.#endOfProperties);
    this.#subjects = columns[this.#endOfProperties];
    if (this.#ends.length < count) this.#ends = new Int32Array(2 * count);
    for (let k = 0; k < count; k++) {
      const row = selection === null ? k : selection[k];
      this.#row = row;
      beginMessage(area, this.#prefix, first + k, at, this.#putSubject, this.#putProperties);
      this.body(columns, row);
      this.#ends[k] = area.length;
    }
    return { first, count, bytes: area.written(), ends: this.#ends, at, cause };
  }

  #subject(): void {
    assert(this.#subjects !== undefined, 'a subject has a column');
    putValue(this.area, this.#subjects, NO_NAMES, this.#row);
  }

  #applicationProperties(): void {
    putMap(this.area, this.#propertyColumns, this.#properties, this.#row);
  }

  protected abstract body(columns: readonly Column[], row: number): void;
}

class MapEncoder extends Encoder {
  readonly #names: Names;

  constructor(shape: MessageShape) {
    super(shape);
    this.#names = namesOf(shape.fields, encodedText);
  }

  protected body(columns: readonly Column[], row: number): void {
    putMap(this.area, columns, this.#names, row);
  }
}

class JsonEncoder extends Encoder {
  readonly #names: Names;
  readonly #object = new ByteArea();

  constructor(shape: MessageShape) {
    super(shape);
    this.#names = namesOf(shape.fields, jsonKey);
  }

  protected body(columns: readonly Column[], row: number): void {
    const object = this.#object;
    object.clear();
    writeJsonObject(object, columns, this.#names, row);
    putString(this.area, object.bytes, 0, object.length);
  }
}

class TextEncoder extends Encoder {
  protected body([text]: readonly Column[], row: number): void {
    putValue(this.area, text, NO_NAMES, row);
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

/** Messages of equal keys have equal bytes, and no others do: names and values as AMQP encodes them. */
export class KeyEncoder {
  readonly #area = new ByteArea();
  readonly #names: Names;
  #ends = new Int32Array(FIRST_ROWS);

  constructor(fields: readonly NamedType[]) {
    this.#names = namesOf(fields, encodedText);
  }

  /** The keys of the selected rows. @returns memory of the encoder, valid until its next call */
  encode(columns: readonly Column[], selection: Int32Array | null, count: number): MessageKeys {
    const area = this.#area;
    area.clear();
    if (this.#ends.length < count) this.#ends = new Int32Array(2 * count);
    for (let k = 0; k < count; k++) {
      putMap(area, columns, this.#names, selection === null ? k : selection[k]);
      this.#ends[k] = area.length;
    }
    return { bytes: area.written(), ends: this.#ends };
  }
}

/** @param columns one for each name; others may follow */
function putMap(
  area: ByteArea,
  columns: readonly Column[],
  { keys, fields }: Names,
  row: number,
): void {
  const start = beginCompound(area);
  for (let i = 0; i < keys.length; i++) {
    area.copy(keys[i], 0, keys[i].length);
    putValue(area, columns[i], fields[i], row);
  }
  endCompound(area, start, MAP, 2 * keys.length);
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
