/**
 * An expression on sample records, by the language and the codecs of the flow itself: a value a line. Records
 * have the fields of a lane, or those that one record in JSON shows.
 */
import assert from 'node:assert';
import type { CodecPlan } from '../codecs/codec.ts';
import type { BadRecord } from '../engine/bad-record.ts';
import { LaneOut } from '../engine/lane-out.ts';
import { LaneStage } from '../engine/lane-stage.ts';
import { Port } from '../engine/port.ts';
import { LaneTime } from '../engine/progress.ts';
import { analyse } from '../sql/analyse.ts';
import { type Expression, inputScope, type Problem } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import type { Batch } from '../stream/batch.ts';
import { RoundaboutError } from '../stream/error.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  LONG,
  type Schema,
  STRING,
  sameType,
} from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { assignIds } from '../topology/canonical.ts';
import { checkLane, laneSchema } from '../topology/lane-fields.ts';
import type { LanePlan } from '../topology/plan.ts';
import { planLane } from '../topology/plan-lane.ts';
import type { Topology } from '../topology/topology.ts';
import { columnText } from './column-text.ts';

const CONNECTION = 1;

/** A lane of no topology, whose records have these fields. */
function laneWith(codec: CodecPlan, schema: Schema): LanePlan {
  return {
    id: 1,
    name: '',
    vehicle: 1,
    supervised: false,
    codec,
    schema,
    derivation: null,
    eventTime: null,
    lateTo: null,
    maxLineBytes: Number.MAX_SAFE_INTEGER,
    atEnd: 'wait',
    badRecord: 'skip',
  };
}

/** No fields at all, for an expression of constants. */
export const NO_FIELDS: LanePlan = laneWith(
  { kind: 'ndjson', fields: [], closed: false },
  { fields: [] },
);

/** A lane of a topology, all of whose fields are read. */
export function laneOfTopology(topology: Topology, name: string): LanePlan | undefined {
  const lane = topology.lanes.get(name);
  if (lane === undefined) return undefined;
  const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
  const fields = checkLane(lane, topology.params, { add: () => {} });
  assert(fields !== undefined, 'a topology that was found valid has lanes that can be read');
  const all = new Set(laneSchema(lane).fields.keys());
  return planLane(lane, fields, topology, ids, all);
}

/** @throws RoundaboutError `bad-usage` when the text is no JSON object, or a value in it has no one type */
export function laneOfRecord(json: string): LanePlan {
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
  return laneWith({ kind: 'ndjson', fields, closed: false }, type);
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
  { name, schema }: LanePlan,
): { readonly expression: Expression | undefined; readonly problems: readonly Problem[] } {
  return analyse(text, inputScope(name, schema));
}

export interface EvaluationTo {
  readonly onValue: (text: string) => void;
  readonly onBad: (bad: BadRecord) => void;
}

/**
 * Evaluates over the records of a lane, which reads and judges its lines as it does in a flow.
 * @param now the time of arrival
 */
export function evaluate(
  expression: Expression,
  plan: LanePlan,
  data: Uint8Array,
  now: Micros,
  to: EvaluationTo,
): void {
  const program = compile(expression);
  const port = new Port(plan.name);
  const read = (batch: Batch): void => {
    const column = program.evaluate(batch);
    for (let k = 0; k < batch.selected; k++) {
      const row = batch.selection === null ? k : batch.selection[k];
      to.onValue(columnText(column, expression.type, row));
    }
  };
  port.connect([{ reader: { read }, input: 0 }]);
  const outlet = { advanced: () => {}, bad: to.onBad };
  const lane = new LaneStage(plan, new LaneTime(plan, now), new LaneOut(plan, () => port), outlet);
  lane.opened(CONNECTION, now);
  lane.chunk(CONNECTION, data, now);
  lane.closed(CONNECTION, 'end', now);
}
