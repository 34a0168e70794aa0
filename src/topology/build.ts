/**
 * From a document's plain data to the model. Never fails: what has the wrong shape has been reported by
 * `shape.ts` and is read as if it were absent, so that the rest of the file can be judged as well. Reported
 * here is what only reading shows: types of fields, and fields that a lane names but does not have.
 */
import { below, type Path, type Report } from '../diagnostics/report.ts';
import { operators } from '../operators/index.ts';
import type { InputForm } from '../operators/operator.ts';
import type { Address } from './address.ts';
import { buildLane } from './build-lane.ts';
import { buildParams } from './build-params.ts';
import { buildTable } from './build-table.ts';
import { buildVehicle } from './build-vehicle.ts';
import { literalText, operatorSpec, type SourceOf } from './operator-spec.ts';
import {
  address,
  byName,
  count,
  duration,
  elements,
  limit,
  oneOf,
  size,
  text,
  texts,
} from './read-value.ts';
import type { Exit, HoldLimits, Lane, OperatorElement, Topology, Vehicle } from './topology.ts';
import { entry, isMapping, isSequence, type Mapping, type Value } from './value.ts';

/** Where exits are served unless the file says otherwise: the port that AMQP has been assigned. */
const AMQP_LISTEN: Address = { host: '127.0.0.1', port: 5672 };
/** Enough for any round trip of a machine-local receiver, and little for one that must redeliver them. */
const MAX_UNSETTLED = 1024;
/** With a pause that doubles from a second, ten deliveries give a receiver some six minutes to recover. */
const MAX_DELIVERIES = 10;

/** What a vehicle that is away for a while may find, and a disk of today has to spare for each exit. */
const HOLD_BYTES = 1024 ** 3;

/** What the data alone does not say. */
export interface Beside {
  /** The value of a secret whose reference stands in the data. */
  readonly hidden?: (path: Path) => string | undefined;
  /** Values that flags give to parameters, by name. */
  readonly sets?: ReadonlyMap<string, string> | undefined;
}

/** @param source the text of a scalar as written, for numbers in an expression's place */
export function buildTopology(
  data: Value | undefined,
  source: SourceOf,
  report: Report,
  beside: Beside = {},
): Topology {
  const { sets = new Map() } = beside;
  const { vehicles, lanes } = buildVehicles(entry(data, 'vehicles'), source, beside, report);
  const state = entry(data, 'state');
  return Object.freeze({
    name: text(entry(data, 'name')) ?? '',
    description: text(entry(data, 'description')) ?? null,
    params: buildParams(entry(data, 'params'), source, sets, below(report, ['params'])),
    amqp: Object.freeze({ listen: address(entry(entry(data, 'amqp'), 'listen')) ?? AMQP_LISTEN }),
    state: Object.freeze({
      dir: text(entry(state, 'dir')) ?? null,
      durability: oneOf(entry(state, 'durability'), ['disk', 'memory']),
    }),
    vehicles,
    lanes,
    operators: byName(
      elements(entry(data, 'operators')).map(([name, value]) =>
        buildOperator(name, value, source, report),
      ),
    ),
    exits: byName(
      elements(entry(data, 'exits')).map(([name, value]) => buildExit(name, value, source)),
    ),
    deadLetter: Object.freeze({
      address: text(entry(entry(data, 'dead_letter'), 'address')) ?? 'dead_letter',
      for: Object.freeze(texts(entry(entry(data, 'dead_letter'), 'for'))),
      hold: Object.freeze(holdLimits(entry(entry(data, 'dead_letter'), 'hold'))),
    }),
  });
}

function buildVehicles(
  data: Value | undefined,
  source: SourceOf,
  { hidden = () => undefined }: Beside,
  report: Report,
): Pick<Topology, 'vehicles' | 'lanes'> {
  const vehicles: Vehicle[] = [];
  const lanes: Lane[] = [];
  for (const [name, value] of elements(data)) {
    const own = elements(value.get('lanes'));
    const scheduled = value.has('schedule');
    for (const [lane, inner] of own) {
      const path = ['vehicles', name, 'lanes', lane];
      lanes.push(buildLane(lane, { name, scheduled }, inner, path, source, report));
    }
    const path = ['vehicles', name];
    const names = own.map(([lane]) => lane);
    vehicles.push(buildVehicle(name, value, names, (inner) => hidden([...path, ...inner])));
  }
  return { vehicles: byName(vehicles), lanes: byName(lanes) };
}

function buildOperator(
  name: string,
  value: Mapping,
  source: SourceOf,
  report: Report,
): OperatorElement {
  const type = text(value.get('type')) ?? '';
  const definition = operators.find((operator) => operator.type === type);
  const table = value.get('table');
  return Object.freeze({
    name,
    type,
    description: text(value.get('description')) ?? null,
    from: Object.freeze(inputsOf(value, definition?.inputs)),
    spec: operatorSpec(value, definition?.schema, ['operators', name], source),
    table:
      definition?.hasTable && isMapping(table)
        ? buildTable(name, table, ['operators', name, 'table'], source, report)
        : null,
    was: text(value.get('was')) ?? null,
    onChange: oneOf(entry(value.get('state'), 'on_change'), ['refuse', 'reset']),
  });
}

/** What an operator reads; without all of its inputs it has none, and is not judged. */
function inputsOf(value: Mapping, form: InputForm = 'one'): string[] {
  if (form !== 'pair') return texts(value.get('from'));
  const pair = [text(value.get('left')), text(value.get('right'))];
  return pair.every((name) => name !== undefined) ? pair : [];
}

function buildExit(name: string, value: Mapping, source: SourceOf): Exit {
  const fields = value.get('fields');
  const properties = value.get('properties');
  const subject = value.get('subject');
  const literal = (one: Value, ...path: Path): string =>
    String(literalText(one, ['exits', name, ...path], source));
  const literals = (field: string, all: Mapping): ReadonlyMap<string, string> =>
    new Map([...all].map(([key, one]) => [key, literal(one, field, key)]));
  const hold = value.get('hold');
  return Object.freeze({
    name,
    from: text(value.get('from')) ?? '',
    address: text(value.get('address')) ?? name,
    for: Object.freeze(texts(value.get('for'))),
    broker: text(value.get('broker')) ?? null,
    format: oneOf(value.get('format'), ['map', 'json', 'ndjson', 'text']),
    fields: isMapping(fields)
      ? literals('fields', fields)
      : isSequence(fields)
        ? Object.freeze(texts(fields))
        : null,
    properties: isMapping(properties) ? literals('properties', properties) : new Map(),
    subject: subject === undefined ? null : literal(subject, 'subject'),
    hold: Object.freeze({
      ...holdLimits(hold),
      onFull: oneOf(entry(hold, 'on_full'), ['block', 'drop_oldest', 'dead_letter']),
      keep: oneOf(entry(hold, 'keep'), ['all', 'latest']),
      key: Object.freeze(texts(entry(hold, 'key'))),
    }),
    delivery: Object.freeze({
      durable: entry(value.get('delivery'), 'durable') !== false,
      maxDeliveries: count(entry(value.get('delivery'), 'max_deliveries')) ?? MAX_DELIVERIES,
      maxUnsettled: count(entry(value.get('delivery'), 'max_unsettled')) ?? MAX_UNSETTLED,
    }),
    was: text(value.get('was')) ?? null,
  });
}

function holdLimits(hold: Value | undefined): HoldLimits {
  return {
    ttl: limit(entry(hold, 'ttl'), duration, null),
    maxBytes: limit(entry(hold, 'max_bytes'), size, HOLD_BYTES),
    maxRecords: limit(entry(hold, 'max_records'), count, null),
  };
}
