/**
 * What a `commit` entry of the log carries: the topology, and the numbers its elements have in this state
 * directory. The text is canonical: the same topology and ids give the same bytes, however the file was
 * arranged. The plan is made from it again at every replay, so all that a plan depends on is in it.
 */
import assert from 'node:assert';
import { Buffer } from 'node:buffer';
import type { Id } from '../stream/entry.ts';
import type { OperatorElement, Table, Topology } from './topology.ts';

/** Of the text; another one is refused before anything else of it is read. */
const FORMAT = 1;
/** A stream id is this long: never the same twice, without asking anyone. */
const STREAM_BYTES = 16;

export interface ExitIds {
  readonly id: Id;
  /** 128 random bits in hex: one life of the exit's numbering. */
  readonly stream: string;
}

/** An exit that is gone from the file: nothing enters, what it holds stays on offer, and a return picks it up. */
export interface FormerExit extends ExitIds {
  readonly address: string;
  readonly for: readonly string[];
  /** One of its vehicles had a secret. */
  readonly secured: boolean;
}

/** The numbers of elements by their names. */
export interface PlanIds {
  readonly vehicles: ReadonlyMap<string, Id>;
  readonly lanes: ReadonlyMap<string, Id>;
  readonly exits: ReadonlyMap<string, ExitIds>;
  /** Of the tables of operators, by name of the operator. Another file, or another way to read it, is another table. */
  readonly tables: ReadonlyMap<string, Id>;
  readonly formerExits: ReadonlyMap<string, FormerExit>;
  readonly deadLetter: ExitIds;
  /** The least number that nothing in this state directory has had. */
  readonly next: Id;
}

/** What a commit said: a topology and the numbers of its elements. */
export interface Committed {
  readonly topology: Topology;
  readonly ids: PlanIds;
}

/**
 * Numbers every vehicle, lane, exit and table, from 1 and in order of name. What has a number keeps it, also under a
 * new name that says what it was; none is given twice, not even when its element is gone.
 * @param random so many random bytes
 * @param before what has been in force until now
 */
export function assignIds(
  topology: Topology,
  random: (bytes: number) => Uint8Array,
  before?: Committed,
): PlanIds {
  let next = before?.ids.next ?? 1;
  const number = (
    elements: ReadonlyMap<string, Named>,
    known: ReadonlyMap<string, Id> | undefined,
  ): ReadonlyMap<string, Id> =>
    new Map(
      [...elements.values()].map((element) => [
        element.name,
        known?.get(formerName(element, elements, known)) ?? next++,
      ]),
    );
  const exitIds = (known: ExitIds | undefined): ExitIds =>
    known === undefined
      ? { id: next++, stream: Buffer.from(random(STREAM_BYTES)).toString('hex') }
      : { id: known.id, stream: known.stream };
  const vehicles = number(topology.vehicles, before?.ids.vehicles);
  const lanes = number(topology.lanes, before?.ids.lanes);
  const known = new Map([...(before?.ids.formerExits ?? []), ...(before?.ids.exits ?? [])]);
  const exits = new Map(
    [...topology.exits.values()].map((exit) => [
      exit.name,
      exitIds(known.get(formerName(exit, topology.exits, known))),
    ]),
  );
  const deadLetter = exitIds(before?.ids.deadLetter);
  const tables = new Map(
    [...topology.operators.values()].flatMap((operator) =>
      operator.table === null
        ? []
        : [[operator.name, sameTable(operator, topology, before) ?? next++] as const],
    ),
  );
  const gone = formerExits(exits, before);
  return { vehicles, lanes, exits, tables, formerExits: gone, deadLetter, next };
}

/** The number that the table has had, if it is the same in every way. */
function sameTable(
  operator: OperatorElement,
  topology: Topology,
  before: Committed | undefined,
): Id | undefined {
  if (before === undefined) return undefined;
  const was = formerName(operator, topology.operators, before.topology.operators);
  const says = (table: Table | null | undefined): string =>
    JSON.stringify(encode({ ...table, name: '' }));
  const same = says(before.topology.operators.get(was)?.table) === says(operator.table);
  return same ? before.ids.tables.get(was) : undefined;
}

interface Named {
  readonly name: string;
  readonly was: string | null;
}

/**
 * The name under which an element was known before: its own, or the one it says it had if nothing else has
 * that name now.
 */
export function formerName(
  { name, was }: Named,
  now: ReadonlyMap<string, unknown>,
  before: ReadonlyMap<string, unknown>,
): string {
  return was !== null && !before.has(name) && before.has(was) && !now.has(was) ? was : name;
}

function formerExits(
  now: ReadonlyMap<string, ExitIds>,
  before: Committed | undefined,
): ReadonlyMap<string, FormerExit> {
  if (before === undefined) return new Map();
  const former = new Map(before.ids.formerExits);
  for (const exit of before.topology.exits.values()) {
    const ids = before.ids.exits.get(exit.name);
    if (ids === undefined) continue;
    const secured = isSecured(before.topology, exit.for);
    former.set(exit.name, { ...ids, address: exit.address, for: exit.for, secured });
  }
  const taken = new Set([...now.values()].map(({ id }) => id));
  return new Map([...former].filter(([, { id }]) => !taken.has(id)));
}

/** Whether what is for these vehicles is for nobody else. */
export function isSecured({ vehicles }: Topology, names: readonly string[]): boolean {
  return names.some((name) => (vehicles.get(name)?.secret ?? null) !== null);
}

export function toCanonical(topology: Topology, ids: PlanIds): string {
  return JSON.stringify({ format: FORMAT, topology: encode(topology), ids: encode(ids) });
}

/** @param text what `toCanonical` gave; the log's checksum vouches for it */
export function fromCanonical(text: string): Committed {
  const { format, topology, ids } = JSON.parse(text) as Record<string, unknown>;
  assert(format === FORMAT, `the log has a topology of format ${String(format)}`);
  return { topology: decode(topology) as Topology, ids: decode(ids) as PlanIds };
}

/** A map becomes its pairs, in its order; the keys of an object are sorted. */
function encode(value: unknown): unknown {
  if (value instanceof Map) return { pairs: [...value].map(([key, one]) => [key, encode(one)]) };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, encode(one)]));
}

/** The inverse: an object that has nothing but `pairs` was a map. No object of the model has such a field. */
function decode(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(decode));
  if (typeof value !== 'object' || value === null) return value;
  if ('pairs' in value && Array.isArray(value.pairs)) {
    return new Map((value.pairs as [string, unknown][]).map(([key, one]) => [key, decode(one)]));
  }
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decode(one)])),
  );
}
