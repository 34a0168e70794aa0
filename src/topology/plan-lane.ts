/** The plan of a lane: what the engine must know to make records of its lines. */
import assert from 'node:assert';
import type { CodecPlan, LaneField } from '../codecs/codec.ts';
import { type Schema, STRING } from '../stream/schema.ts';
import type { PlanIds } from './canonical.ts';
import type { LanePlan } from './plan.ts';
import type { Lane, Topology } from './topology.ts';

/** A text lane has one field. */
const TEXT: Schema = { fields: [{ name: 'line', type: STRING, nullable: false }] };

export function laneSchema({ codec, fields, required }: Lane): Schema {
  if (codec === 'text') return TEXT;
  return {
    fields: fields.map(({ name, type }) => ({ name, type, nullable: !required.includes(name) })),
  };
}

/** @param used indexes of the fields that something reads */
export function planLane(
  lane: Lane,
  topology: Topology,
  ids: PlanIds,
  used: ReadonlySet<number>,
): LanePlan {
  const { name, eventTime, limits, atEnd, badRecord } = lane;
  const id = ids.lanes.get(name);
  const vehicle = ids.vehicles.get(lane.vehicle);
  assert(id !== undefined && vehicle !== undefined, `lane ${name} has no id`);
  const codec: CodecPlan =
    lane.codec === 'text'
      ? { kind: 'text', used: used.has(0) }
      : { kind: 'ndjson', fields: codecFields(lane, used) };
  return Object.freeze({
    id,
    name,
    vehicle,
    supervised: topology.vehicles.get(lane.vehicle)?.command != null,
    codec,
    schema: laneSchema(lane),
    eventTime,
    maxLineBytes: limits.maxLine,
    atEnd,
    badRecord,
  });
}

function codecFields(
  { fields, required, eventTime }: Lane,
  used: ReadonlySet<number>,
): readonly LaneField[] {
  return fields.map((field, index) => ({
    ...field,
    required: required.includes(field.name),
    used: used.has(index) || field.name === eventTime?.field,
  }));
}
