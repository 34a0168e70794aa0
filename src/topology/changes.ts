/**
 * What an edit of a topology would do, element by element: what stays as it is, what is wired anew, what comes,
 * goes, or loses its state. Nothing is decided here: whoever asks knows what is at stake.
 */
import type { Carry } from '../operators/operator.ts';
import type { StateShape } from '../operators/operator-state.ts';
import { formerName } from './canonical.ts';
import {
  deadLetterFacts,
  differences,
  exitFacts,
  type Facts,
  flowFacts,
  laneFacts,
  operatorFacts,
  vehicleFacts,
} from './facts.ts';
import type { Plan, StagePlan } from './plan.ts';
import type { Topology } from './topology.ts';
import { DEAD_LETTER } from './topology-test.ts';

/**
 * kept: nothing about it changed. rewired: it goes on, otherwise than before. reset: it goes on without the
 * state it had. restart: only a new start of the process can do it.
 */
export type Fate = 'kept' | 'rewired' | 'reset' | 'added' | 'removed' | 'restart';

export interface Change {
  readonly kind: 'flow' | 'vehicle' | 'lane' | 'operator' | 'exit';
  readonly name: string;
  /** Its name before, where the edit renames it. */
  readonly was: string | null;
  readonly fate: Fate;
  /** What is different about it, in the author's words. */
  readonly details: readonly string[];
  /** It had state, which is gone with this change. */
  readonly losesState: boolean;
}

export interface Version {
  readonly topology: Topology;
  readonly plan: Plan;
}

/** Every element of both versions: the flow, then vehicles, lanes, operators and exits, each by name. */
export function changesOf(before: Version, after: Version): readonly Change[] {
  const [old, now] = [before.topology, after.topology];
  const sides = { before: old, after: now };
  const flow = differences(flowFacts(old), flowFacts(now));
  const letters = differences(deadLetterFacts(old), deadLetterFacts(now));
  return [
    ...(flow.length === 0 ? [] : [change('flow', now.name, null, 'restart', flow)]),
    ...compared('vehicle', old.vehicles, now.vehicles, (vehicle) => vehicleFacts(vehicle)),
    ...lanes(old, now),
    ...operators(before, after),
    ...compared('exit', old.exits, now.exits, (exit, side) => exitFacts(exit, sides[side].params)),
    ...(letters.length === 0 ? [] : [change('exit', DEAD_LETTER, null, 'rewired', letters)]),
  ];
}

/** What a person must know of: everything that is not kept. */
export function isChange({ fate }: Change): boolean {
  return fate !== 'kept';
}

interface Named {
  readonly name: string;
  readonly was: string | null;
}

function change(
  kind: Change['kind'],
  name: string,
  was: string | null,
  fate: Fate,
  details: readonly string[] = [],
  losesState = false,
): Change {
  return { kind, name, was, fate, details, losesState };
}

/** Pairs elements by name, renames followed. @returns an old one, a new one, or both, in order of name */
function paired<T extends Named>(
  old: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
): readonly (readonly [T | undefined, T | undefined])[] {
  const pairs: (readonly [T | undefined, T | undefined])[] = [];
  const followed = new Set<T>();
  for (const element of now.values()) {
    const before = old.get(formerName(element, now, old));
    if (before !== undefined) followed.add(before);
    pairs.push([before, element]);
  }
  for (const before of old.values()) if (!followed.has(before)) pairs.push([before, undefined]);
  const nameOf = ([a, b]: readonly [T | undefined, T | undefined]): string => (b ?? a)?.name ?? '';
  return pairs.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function compared<T extends Named>(
  kind: Change['kind'],
  old: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
  factsOf: (element: T, side: 'before' | 'after') => Facts,
): readonly Change[] {
  return paired(old, now).map(([before, after]) => {
    if (before === undefined) return change(kind, after?.name ?? '', null, 'added');
    if (after === undefined) return change(kind, before.name, null, 'removed');
    const was = before.name === after.name ? null : before.name;
    const details = differences(factsOf(before, 'before'), factsOf(after, 'after'));
    const same = details.length === 0 && was === null;
    return change(kind, after.name, was, same ? 'kept' : 'rewired', details);
  });
}

function lanes(old: Topology, now: Topology): readonly Change[] {
  return compared('lane', old.lanes, now.lanes, (lane, side) => {
    const { vehicles, params } = side === 'before' ? old : now;
    return laneFacts(lane, vehicles.get(lane.vehicle)?.command != null, params);
  });
}

function operators(before: Version, after: Version): readonly Change[] {
  const [old, now] = [before.topology.operators, after.topology.operators];
  const changes = compared('operator', old, now, (operator, side) =>
    operatorFacts(operator, (side === 'before' ? before : after).topology.params),
  );
  return changes.map((one): Change => {
    const stageBefore = stageOf(before.plan, one.was ?? one.name);
    const stageAfter = stageOf(after.plan, one.name);
    if (one.fate === 'added' || stageBefore === undefined || !isStateful(stageBefore)) return one;
    if (stageAfter === undefined) return { ...one, losesState: true };
    const carry = carryOf(stageBefore, stageAfter);
    if (carry.kind === 'adapted')
      return { ...one, ...adapted(one, stageAfter, carry.accumulators) };
    if (carry.kind === 'kept') return one;
    return { ...one, fate: 'reset', details: [carry.because, ...one.details], losesState: true };
  });
}

/** An aggregate that begins anew knows nothing of what a window has seen, also where only a type upstream changed. */
function adapted(
  one: Change,
  { definition, checked }: StagePlan,
  accumulators: readonly number[],
): Pick<Change, 'fate' | 'details'> {
  const begun = accumulators.some((from) => from < 0);
  const state = definition.state(checked as never);
  const isRunning = state.kind === 'sessions' && state.updates;
  const news = `an aggregate begins anew: ${isRunning ? 'in groups there are it counts from here on' : 'NULL in windows that are open'}`;
  return { fate: 'rewired', details: begun ? [...one.details, news] : one.details };
}

function stageOf({ stages }: Plan, name: string): StagePlan | undefined {
  return stages.find((stage) => stage.name === name);
}

function isStateful({ definition, checked }: StagePlan): boolean {
  return keepsOfRecords(definition.state(checked as never));
}

/** Whether it has something that only the records made that came: it cannot be had again. */
export function keepsOfRecords({ kind }: StateShape): boolean {
  return kind !== 'none' && kind !== 'table';
}

/** What becomes of the state of a stage that another takes the place of. */
export function carryOf(before: StagePlan, after: StagePlan): Carry {
  const [was, is] = [before.definition, after.definition];
  if (was.type !== is.type) {
    return { kind: 'reset', because: `it was a ${was.type} and is a ${is.type}` };
  }
  return is.carry?.(before.checked as never, after.checked as never) ?? { kind: 'kept' };
}
