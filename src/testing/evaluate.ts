/**
 * An expression on sample records, by the language and the codecs of the flow itself: a value a line. Records
 * have the fields of a lane, or those that one record in JSON shows.
 */
import { Buffer } from 'node:buffer';
import type { BadLine, CodecPlan } from '../codecs/codec.ts';
import { createDecoder } from '../codecs/index.ts';
import { findLines } from '../codecs/lines.ts';
import { analyse } from '../sql/analyse.ts';
import { type Expression, inputScope, type Problem } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { RoundaboutError } from '../stream/error.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  fieldIndex,
  LONG,
  type Schema,
  STRING,
  sameType,
} from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { assignIds } from '../topology/canonical.ts';
import { planLane } from '../topology/plan-lane.ts';
import type { Topology } from '../topology/topology.ts';
import { columnText } from './column-text.ts';

/** What records look like. */
export interface Shape {
  /** Before a dot in an expression. */
  readonly name: string;
  readonly schema: Schema;
  readonly codec: CodecPlan;
  /** The field of `_time`; null: the time of arrival. */
  readonly eventTime: string | null;
}

/** No fields at all, for an expression of constants. */
export const NO_FIELDS: Shape = {
  name: '',
  schema: { fields: [] },
  codec: { kind: 'ndjson', fields: [] },
  eventTime: null,
};

export function shapeOfLane(topology: Topology, name: string): Shape | undefined {
  const lane = topology.lanes.get(name);
  if (lane === undefined) return undefined;
  const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
  // A text lane has one field.
  const all = new Set(Array.from({ length: Math.max(1, lane.fields.length) }, (_, i) => i));
  const { schema, codec, eventTime } = planLane(lane, topology, ids, all);
  return { name, schema, codec, eventTime: eventTime?.field ?? null };
}

/** @throws RoundaboutError `bad-usage` when the text is no JSON object, or a value in it has no one type */
export function shapeOfRecord(json: string): Shape {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new RoundaboutError('bad-usage', `the record is not JSON: ${(error as Error).message}`);
  }
  const type = typeOf(value, 'the record');
  if (type.kind !== 'struct') {
    throw new RoundaboutError('bad-usage', 'the record is no JSON object', {
      hint: 'write it as {"field": value}',
    });
  }
  const fields = type.fields.map((field) => ({
    name: field.name,
    type: field.type,
    source: [field.name],
    format: 'iso8601' as const,
    required: false,
    used: true,
  }));
  return { name: '', schema: type, codec: { kind: 'ndjson', fields }, eventTime: null };
}

/** A whole number is a long; NULL, which has no type of its own, is text. */
function typeOf(value: unknown, where: string): DataType {
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'number') return Number.isInteger(value) ? LONG : DOUBLE;
  if (typeof value === 'string' || value === null) return STRING;
  if (Array.isArray(value)) {
    return {
      kind: 'array',
      element: elementType(
        value.map((one) => typeOf(one, where)),
        where,
      ),
    };
  }
  const fields = Object.entries(value as object).map(([name, inner]) => ({
    name,
    type: typeOf(inner, name),
    nullable: true,
  }));
  return { kind: 'struct', fields };
}

function elementType(types: readonly DataType[], where: string): DataType {
  const [first = STRING] = types;
  if (types.every((type) => sameType(type, first))) return first;
  if (types.every(({ kind }) => kind === 'long' || kind === 'double')) return DOUBLE;
  throw new RoundaboutError('bad-usage', `the elements of ${where} are not of one type`);
}

export function check(
  text: string,
  { name, schema }: Shape,
): { readonly expression: Expression | undefined; readonly problems: readonly Problem[] } {
  return analyse(text, inputScope(name, schema));
}

export interface EvaluationTo {
  readonly onValue: (text: string) => void;
  /** @param line counts from 1 */
  readonly onBad: (line: number, bad: BadLine) => void;
}

/**
 * Evaluates over whole lines.
 * @param now the time of arrival
 */
export function evaluate(
  expression: Expression,
  { schema, codec, eventTime }: Shape,
  data: Uint8Array,
  now: Micros,
  to: EvaluationTo,
): void {
  const bytes = data.at(-1) === 0x0a ? data : Buffer.concat([data, Buffer.from('\n')]);
  const program = compile(expression);
  const decoder = createDecoder(codec);
  const starts = new Int32Array(BATCH_ROWS_MAX);
  const ends = new Int32Array(BATCH_ROWS_MAX);
  const timeField = eventTime === null ? -1 : fieldIndex(schema, eventTime);
  let line = 0;
  for (let from = 0; ; ) {
    const { count, next } = findLines(bytes, from, bytes.length, starts, ends, BATCH_ROWS_MAX);
    if (count === 0) break;
    from = next;
    const { rows, columns, bad } = decoder.decode(bytes, starts, ends, 0, count);
    for (const one of bad) to.onBad(line + one.line + 1, one);
    line += count;
    const column = program.evaluate(batchOf(schema, columns, rows, timeField, now));
    for (let row = 0; row < rows; row++) to.onValue(columnText(column, expression.type, row));
  }
}

function batchOf(
  schema: Schema,
  columns: readonly Column[],
  rows: number,
  timeField: number,
  now: Micros,
): Batch {
  const eventTime = new Float64Array(rows).fill(now);
  const times = columns[timeField];
  if (times?.type === 'timestamp') eventTime.set(times.values.subarray(0, rows));
  return {
    schema,
    columns,
    rows,
    selection: null,
    selected: rows,
    eventTime,
    sequence: new Float64Array(rows),
    late: null,
    lateBy: null,
    ingestTime: now,
    windowStart: null,
    windowEnd: null,
  };
}
