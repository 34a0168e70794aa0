/**
 * From a topology to a plan: operators are checked in topological order, each against the streams it
 * reads; lanes learn which of their fields anything reads. A file with its elements permuted gives the
 * same plan.
 */
import type { CodecPlan } from '../codecs/codec.ts';
import { below, type Path, type Report } from '../diagnostics/report.ts';
import { operators as definitions } from '../operators/index.ts';
import type { CheckContext, InputStream, OperatorDefinition } from '../operators/operator.ts';
import { analyse } from '../sql/analyse.ts';
import { type Expression, inputScope } from '../sql/expression.ts';
import { fieldIndex, type Schema, STRING, sameType, typeText } from '../stream/schema.ts';
import type { PlanIds } from './canonical.ts';
import { topologicalOrder } from './graph.ts';
import type { Consumer, ExitField, ExitPlan, LanePlan, Plan, StagePlan } from './plan.ts';
import type { Exit, Lane, Topology } from './topology.ts';

/** The list holds definitions whose two types only they know. */
type Definition = OperatorDefinition<unknown, unknown>;

interface Planned {
  readonly stage: StagePlan;
  readonly definition: Definition;
}

/**
 * Checks everything that depends on streams. References that lead nowhere have been reported by rules;
 * what reads them is left out here.
 * @returns undefined when something has a problem
 */
export function planTopology(topology: Topology, ids: PlanIds, report: Report): Plan | undefined {
  const streams = new Map<string, InputStream>();
  for (const lane of topology.lanes.values()) {
    streams.set(lane.name, {
      name: lane.name,
      schema: laneSchema(lane),
      windowed: false,
      stateless: true,
    });
  }
  const { names, rings } = topologicalOrder(topology);
  let whole = rings.length === 0;
  const planned: Planned[] = [];
  for (const name of names) {
    const found = planOperator(topology, name, streams, report);
    if (found === undefined) whole = false;
    else planned.push(found);
  }
  const exits: ExitPlan[] = [];
  for (const exit of topology.exits.values()) {
    const found = planExit(exit, streams, ids, report);
    if (found === undefined) whole = false;
    else exits.push(found);
  }
  if (!whole) return undefined;
  const used = usedColumns(planned, exits, streams);
  const stages = planned.map(({ stage }) => stage);
  return {
    lanes: [...topology.lanes.values()].map((lane) => planLane(lane, topology, ids, used)),
    stages,
    exits,
    deadLetter: {
      id: ids.exits.get('dead_letter') ?? 0,
      name: 'dead_letter',
      address: topology.deadLetter.address,
      stream: ids.streams.get('dead_letter') ?? '',
    },
    consumers: consumersOf(stages, exits),
  };
}

/** The fields of a lane's records: nullable unless required. */
export function laneSchema(lane: Lane): Schema {
  if (lane.codec === 'text') return { fields: [{ name: 'line', type: STRING, nullable: false }] };
  return {
    fields: lane.fields.map(({ name, type }) => ({
      name,
      type,
      nullable: !lane.required.includes(name) && lane.eventTime?.field !== name,
    })),
  };
}

function planOperator(
  topology: Topology,
  name: string,
  streams: Map<string, InputStream>,
  report: Report,
): Planned | undefined {
  const element = topology.operators.get(name);
  const definition = definitions.find(({ type }) => type === element?.type) as
    | Definition
    | undefined;
  if (element === undefined || definition === undefined) return undefined;
  const inputs: InputStream[] = [];
  for (const from of element.from) {
    const input = streams.get(from);
    if (input !== undefined) inputs.push(input);
  }
  if (inputs.length === 0 || inputs.length < element.from.length) return undefined;
  const spec = Object.fromEntries(element.spec);
  const checked = definition.check(spec, context(name, inputs, below(report, ['operators', name])));
  if (checked === undefined) return undefined;
  const output = definition.output(checked);
  streams.set(name, { name, ...output });
  const stage: StagePlan = {
    name,
    definition: definition as unknown as StagePlan['definition'],
    checked,
    from: element.from,
    output: output.schema,
  };
  return { stage, definition };
}

function context(name: string, inputs: readonly InputStream[], report: Report): CheckContext {
  return {
    name,
    inputs,
    report,
    expression(value, path, scope, want = {}) {
      const { expression, problems } = analyse(String(value), scope, want.aggregates);
      for (const { rule, start, end, message, hint } of problems) {
        const span = [start, end] as const;
        report.add({ rule, path, span, message, ...(hint === undefined ? {} : { hint }) });
      }
      if (expression === undefined || want.type === undefined) return expression;
      if (sameType(expression.type, want.type)) return expression;
      const message = `this must be a ${typeText(want.type)}, not a ${typeText(expression.type)}`;
      report.add({ rule: 'type-mismatch', path, message });
      return undefined;
    },
  };
}

function planExit(
  exit: Exit,
  streams: ReadonlyMap<string, InputStream>,
  ids: PlanIds,
  report: Report,
): ExitPlan | undefined {
  const input = streams.get(exit.from);
  if (input === undefined) return undefined;
  const names = exit.fields ?? input.schema.fields.map((field) => field.name);
  const written: (readonly [string, string, Path])[] = Array.isArray(names)
    ? names.map((name: string, i) => [
        name,
        `\`${name}\``,
        exit.fields === null ? ['from'] : ['fields', i],
      ])
    : [...(names as ReadonlyMap<string, string>)].map(([name, text]) => [
        name,
        text,
        ['fields', name],
      ]);
  const scope = inputScope(input.name, input.schema, input.windowed);
  const { expression } = context(exit.name, [input], below(report, ['exits', exit.name]));
  const fields: ExitField[] = [];
  for (const [name, text, path] of written) {
    const found: Expression | undefined = expression(text, path, scope);
    if (found !== undefined) fields.push({ name, expression: found });
  }
  if (fields.length < written.length) return undefined;
  return {
    id: ids.exits.get(exit.name) ?? 0,
    name: exit.name,
    address: exit.address,
    from: exit.from,
    for: exit.for,
    format: exit.format,
    fields,
    maxUnsettled: exit.delivery.maxUnsettled,
    stream: ids.streams.get(exit.name) ?? '',
  };
}

/** Which columns of each stream anything behind it reads; walked from the exits upstream. */
function usedColumns(
  planned: readonly Planned[],
  exits: readonly ExitPlan[],
  streams: ReadonlyMap<string, InputStream>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const used = new Map<string, Set<number>>();
  for (const name of streams.keys()) used.set(name, new Set());
  for (const exit of exits) {
    for (const { expression } of exit.fields) {
      for (const index of expression.reads) used.get(exit.from)?.add(index);
    }
  }
  for (const { stage, definition } of [...planned].reverse()) {
    const wanted = used.get(stage.name) ?? new Set<number>();
    for (const index of definition.reads(stage.checked, wanted)) {
      for (const from of stage.from) used.get(from)?.add(index);
    }
  }
  return used;
}

function planLane(
  lane: Lane,
  topology: Topology,
  ids: PlanIds,
  used: ReadonlyMap<string, ReadonlySet<number>>,
): LanePlan {
  const schema = laneSchema(lane);
  const timeAt = lane.eventTime === null ? -1 : fieldIndex(schema, lane.eventTime.field);
  const isUsed = (index: number): boolean =>
    index === timeAt || used.get(lane.name)?.has(index) === true;
  const codec: CodecPlan =
    lane.codec === 'text'
      ? { kind: 'text', used: isUsed(0) }
      : {
          kind: 'ndjson',
          fields: lane.fields.map((field, i) => ({
            ...field,
            required: lane.required.includes(field.name),
            used: isUsed(i),
          })),
        };
  return {
    id: ids.lanes.get(lane.name) ?? 0,
    name: lane.name,
    vehicle: ids.vehicles.get(lane.vehicle) ?? 0,
    supervised: topology.vehicles.get(lane.vehicle)?.command != null,
    codec,
    schema,
    eventTime: lane.eventTime,
    maxLineBytes: lane.limits.maxLine,
    atEnd: lane.atEnd,
    badRecord: lane.badRecord,
  };
}

function consumersOf(
  stages: readonly StagePlan[],
  exits: readonly ExitPlan[],
): ReadonlyMap<string, readonly Consumer[]> {
  const consumers = new Map<string, Consumer[]>();
  const add = (stream: string, consumer: Consumer): void => {
    const list = consumers.get(stream);
    if (list === undefined) consumers.set(stream, [consumer]);
    else list.push(consumer);
  };
  stages.forEach((stage, index) => {
    stage.from.forEach((from, input) => {
      add(from, { kind: 'stage', index, input });
    });
  });
  exits.forEach((exit, index) => {
    add(exit.from, { kind: 'exit', index });
  });
  return consumers;
}
