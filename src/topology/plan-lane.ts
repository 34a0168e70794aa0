/** The plan of a lane: what the engine must know to make records of its lines. */
import assert from 'node:assert';
import type { CodecPlan } from '../codecs/codec.ts';
import type { Expression } from '../sql/expression.ts';
import { readPattern } from '../sql/pattern.ts';
import { fieldIndex } from '../stream/schema.ts';
import type { PlanIds } from './canonical.ts';
import { fieldsOf, isPlain, type LaneFields, laneSchema } from './lane-fields.ts';
import type { DerivedField, LaneDerivation, LanePlan } from './plan.ts';
import type { Lane, LineFormat, Topology } from './topology.ts';

/** @param used indexes of the fields that something reads */
export function planLane(
  lane: Lane,
  fields: LaneFields,
  topology: Topology,
  ids: PlanIds,
  used: ReadonlySet<number>,
): LanePlan {
  const { name, eventTime, lateTo, limits, atEnd, badRecord } = lane;
  const id = ids.lanes.get(name);
  const vehicle = ids.vehicles.get(lane.vehicle);
  assert(id !== undefined && vehicle !== undefined, `lane ${name} has no id`);
  const wanted = new Set(used);
  if (eventTime !== null) wanted.add(fieldIndex(laneSchema(lane), eventTime.field));
  const derivation = derivationOf(lane, fields, wanted);
  const { command = null, uses = null } = topology.vehicles.get(lane.vehicle) ?? {};
  return Object.freeze({
    id,
    name,
    vehicle,
    supervised: command !== null || uses !== null,
    codec: codecOf(lane, fields, wanted),
    schema: laneSchema(lane),
    derivation,
    eventTime,
    lateTo,
    maxLineBytes: limits.maxLine,
    atEnd,
    badRecord,
  });
}

/** What the codec takes out: a plain field as it is judged by the codec, else what the field is made from. */
export function codecOf(
  lane: LineFormat,
  { inputs }: LaneFields,
  wanted: ReadonlySet<number>,
): CodecPlan {
  const { codec } = lane;
  if (codec.kind === 'text') {
    return { kind: 'text', used: wanted.has(0), lineEnd: codec.separator.charCodeAt(0) };
  }
  const declared = fieldsOf(lane);
  const fields = inputs.map(({ name, type, source, field }) => ({
    name,
    type,
    source,
    format: field.format,
    required: isPlain(field) && lane.required.includes(name),
    used: !isPlain(field) || wanted.has(declared.indexOf(field)),
  }));
  if (codec.kind !== 'pattern') {
    return { ...codec, fields, closed: lane.unknownFields === 'reject' };
  }
  const read = readPattern(codec.pattern, true);
  assert('regexp' in read, 'the pattern has been checked');
  return { kind: 'pattern', fields, regexp: read.regexp.source, groups: read.names };
}

/**
 * Which fields are made, and how. A verdict on a line depends on the lane alone, so what may be its cause is
 * made whoever reads it.
 * @param wanted what is read; what computed fields read is added
 * @returns null: the columns of the codec are the fields
 */
export function derivationOf(
  lane: LineFormat,
  { inputs, read, computed }: LaneFields,
  wanted: Set<number>,
): LaneDerivation | null {
  const declared = fieldsOf(lane);
  if (declared.every(isPlain)) return null;
  const made = (expressions: ReadonlyMap<string, Expression>): readonly DerivedField[] =>
    declared.flatMap(({ name, pattern }, index) => {
      const expression = expressions.get(name);
      const required = lane.required.includes(name);
      if (expression === undefined) return [];
      if (!wanted.has(index) && !required && pattern === null) return [];
      return [{ name, index, expression, required, pattern }];
    });
  const later = made(computed);
  for (const { expression } of later) for (const index of expression.reads) wanted.add(index);
  return Object.freeze({
    taken: declared.map((field) =>
      isPlain(field) ? inputs.findIndex((input) => input.field === field) : -1,
    ),
    read: made(read),
    computed: later,
  });
}
