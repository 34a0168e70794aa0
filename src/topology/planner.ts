/**
 * From a topology to the plan that runs: operators are checked by their definitions in topological order,
 * readers and the fields that anyone reads are worked out. The same topology and ids always give the same
 * plan, wherever its elements stand in the file.
 */
import assert from 'node:assert';
import { below, type Report } from '../diagnostics/report.ts';
import { operators as definitions } from '../operators/index.ts';
import { lateReads } from '../operators/late.ts';
import type { InputStream } from '../operators/operator.ts';
import type { Constants } from '../sql/expression.ts';
import type { PlanIds } from './canonical.ts';
import { expressionCheck } from './expression-check.ts';
import { checkLane, type LaneFields, laneSchema } from './lane-fields.ts';
import type { Consumer, ExitPlan, Plan, StagePlan } from './plan.ts';
import { planExit } from './plan-exit.ts';
import { planLane } from './plan-lane.ts';
import { declaredTable, planTable } from './plan-table.ts';
import { resolve } from './resolve.ts';
import { laneStreams, streamsOf } from './streams.ts';
import type { OperatorElement, Topology } from './topology.ts';

/** A stage, and what the planner knows of its streams beyond the plan. */
interface Planned {
  readonly plan: StagePlan;
  readonly streams: readonly InputStream[];
}

/** What is not to be judged, because something in it has been reported already. */
export interface Damage {
  readonly params: ReadonlySet<string>;
  /** Names of lanes and operators. */
  readonly streams: ReadonlySet<string>;
  readonly exits: ReadonlySet<string>;
}
const NO_DAMAGE: Damage = { params: new Set(), streams: new Set(), exits: new Set() };

/**
 * Plans a topology that has been found valid.
 * @throws AssertionError if it is not: a topology from a log was valid when it was written
 */
export function planTopology(topology: Topology, ids: PlanIds): Plan {
  const problems: string[] = [];
  const made = plan(topology, ids, {
    add: ({ path, message }) => problems.push(`${path.join('.')}: ${message}`),
  });
  assert(made !== undefined, `the topology has no plan: ${problems.join('; ')}`);
  return made;
}

/**
 * Checks and plans. References that lead nowhere, and rings, are not reported here: what reads them has no
 * plan and is not checked.
 * @returns undefined when anything has no plan
 */
export function plan(
  topology: Topology,
  ids: PlanIds,
  report: Report,
  damage: Damage = NO_DAMAGE,
): Plan | undefined {
  const streams = new Map<string, InputStream>();
  const params: Constants = new Map([
    ...topology.params,
    ...[...damage.params].map((name) => [name, undefined] as const),
  ]);
  const lanes = new Map<string, LaneFields>();
  for (const lane of topology.lanes.values()) {
    if (damage.streams.has(lane.name)) continue;
    const own = below(report, ['vehicles', lane.vehicle, 'lanes', lane.name]);
    const fields = checkLane(lane, params, own);
    if (fields !== undefined) lanes.set(lane.name, fields);
    // The types of computed fields are declared, so who reads them is judged in any case.
    const { name, lateTo } = lane;
    for (const stream of laneStreams({ name, lateTo, schema: laneSchema(lane) })) {
      streams.set(stream.name, stream);
    }
  }
  const stages: StagePlan[] = [];
  for (const operator of resolve(topology).order) {
    if (damage.streams.has(operator.name)) continue;
    const own = below(report, ['operators', operator.name]);
    const planned = planStage(operator, streams, own, params, ids);
    if (planned === undefined) continue;
    stages.push(planned.plan);
    for (const stream of planned.streams) streams.set(stream.name, stream);
  }
  const exits: ExitPlan[] = [];
  for (const exit of topology.exits.values()) {
    const stream = streams.get(exit.from);
    if (stream === undefined || damage.exits.has(exit.name)) continue;
    const planned = planExit(exit, stream, params, ids, below(report, ['exits', exit.name]));
    if (planned !== undefined) exits.push(planned);
  }
  const whole =
    lanes.size === topology.lanes.size &&
    stages.length === topology.operators.size &&
    exits.length === topology.exits.size;
  if (!whole) return undefined;
  const used = usedColumns(stages, exits);
  return Object.freeze({
    lanes: [...lanes].map(([name, fields]) => {
      const lane = topology.lanes.get(name);
      assert(lane !== undefined);
      const [own] = laneStreams({ ...lane, schema: laneSchema(lane) });
      const late = lateReads(own, used.get(lane.lateTo ?? ''));
      return planLane(lane, fields, topology, ids, new Set([...(used.get(name) ?? []), ...late]));
    }),
    stages,
    exits,
    deadLetter: Object.freeze({
      ...ids.deadLetter,
      name: 'dead_letter' as const,
      address: topology.deadLetter.address,
      for: topology.deadLetter.for,
      // It must never stop a lane, and has nowhere to send anything.
      bounds: Object.freeze({ ...topology.deadLetter.hold, onFull: 'drop_oldest', latest: false }),
    }),
    consumers: consumersOf(stages, exits),
  });
}

function planStage(
  operator: OperatorElement,
  streams: ReadonlyMap<string, InputStream>,
  report: Report,
  params: Constants,
  ids: PlanIds,
): Planned | undefined {
  const { name, was, type, from, spec, table } = operator;
  const inputs = from.flatMap((input) => streams.get(input) ?? []);
  const definition = definitions.find((one) => one.type === type);
  if (definition === undefined || from.length === 0 || inputs.length < from.length) {
    return undefined;
  }
  const context = {
    name,
    inputs,
    table: table === null ? undefined : declaredTable(table),
    report,
    expression: expressionCheck(report, params),
  };
  // The shape of the fields has been checked against the schema of this very definition.
  const checked = definition.check(Object.fromEntries(spec) as never, context);
  const tablePlan = table === null ? null : planTable(table, ids, below(report, ['table']));
  if (checked === undefined || tablePlan === undefined) return undefined;
  const output = definition.output(checked as never);
  const further = definition.further?.(checked as never);
  const made = streamsOf(operator).map((stream) => ({
    ...(further?.get(stream) ?? output),
    name: stream,
  }));
  return {
    plan: Object.freeze({
      name,
      was,
      definition,
      checked,
      from,
      streams: streamsOf(operator),
      table: tablePlan,
    }),
    streams: made,
  };
}

/** Going backwards from the exits: which columns of each stream anyone reads. */
function usedColumns(
  stages: readonly StagePlan[],
  exits: readonly ExitPlan[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const used = new Map<string, Set<number>>();
  const use = (stream: string, columns: Iterable<number>): void => {
    const all = used.get(stream) ?? new Set();
    for (const column of columns) all.add(column);
    used.set(stream, all);
  };
  for (const { from, fields, properties, subject } of exits) {
    for (const { expression } of [...fields, ...properties]) use(from, expression.reads);
    use(from, subject?.reads ?? []);
  }
  for (const { name, definition, checked, from, streams } of [...stages].reverse()) {
    const wanted = used.get(name) ?? new Set();
    const further = new Map(
      streams
        .filter((stream) => stream !== name)
        .map((stream) => [stream, used.get(stream) ?? new Set<number>()]),
    );
    from.forEach((stream, input) => {
      use(stream, definition.reads(checked as never, wanted, input, further));
    });
  }
  return used;
}

function consumersOf(
  stages: readonly StagePlan[],
  exits: readonly ExitPlan[],
): ReadonlyMap<string, readonly Consumer[]> {
  const consumers = new Map<string, Consumer[]>();
  const add = (stream: string, consumer: Consumer): void => {
    const all = consumers.get(stream);
    if (all === undefined) consumers.set(stream, [consumer]);
    else all.push(consumer);
  };
  stages.forEach(({ from }, index) => {
    from.forEach((stream, input) => {
      add(stream, { kind: 'stage', index, input });
    });
  });
  exits.forEach(({ from }, index) => {
    add(from, { kind: 'exit', index });
  });
  return consumers;
}
