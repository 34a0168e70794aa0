import type { Path } from '../diagnostics/report.ts';
import { pathsTo } from '../topology/paths-to.ts';
import type { DeclaredField, Lane } from '../topology/topology.ts';
import { isMapping, type Mapping, type Value } from '../topology/value.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const flow = (format: string): string =>
  inFile(`vehicles:
  shop:
    lanes:
      orders: { listen: 7001, fields: { id: long, at: { type: timestamp, format: ${format} } }, event_time: at }
exits:
  results: { from: orders, for: shop }
tests:
  - name: an order leaves
    steps:
      - feed: { orders: [{ id: 1, at: 1767225600000 }] }
      - expect: { results: [{ id: 1 }] }
`);

export const mixedTimeUnits: Rule = {
  slug: 'mixed-time-units',
  severity: 'warning',
  explain:
    'A number that is fed as a time has the size of another unit than the lane declares: read as declared it lies decades or millennia away.',
  wrong: flow('epoch_s'),
  right: flow('epoch_ms'),
  check,
};

/** How many of each unit make a second. */
const UNITS = { epoch_s: 1, epoch_ms: 1e3, epoch_us: 1e6, epoch_ns: 1e9 } as const;
type Unit = keyof typeof UNITS;
/** 1973 to 2286: times that are meant lie between, and those of two units never overlap. */
const LEAST_SECONDS = 1e8;
const MOST_SECONDS = 1e10;

function check({ topology, data, report }: RuleContext): void {
  for (const { path, value } of pathsTo(data, ['tests', '*', 'steps', '*', 'feed', '*', '*'])) {
    const lane = topology.lanes.get(String(path[path.length - 2]));
    if (lane === undefined || !isMapping(value)) continue;
    for (const { name, declared, meant, at } of mistaken(lane, value)) {
      report({
        path: [...path, ...at],
        message: `this has the size of ${meant}, and "${name}" of lane "${lane.name}" is declared as ${declared}`,
        hint: `write format: ${meant} at the lane, or feed a time in ${declared}`,
      });
    }
  }
}

interface Mistaken {
  readonly name: string;
  readonly declared: Unit;
  readonly meant: Unit;
  /** In the record. */
  readonly at: Path;
}

function mistaken(lane: Lane, record: Mapping): readonly Mistaken[] {
  return lane.fields.flatMap(({ name, type, format, sources, pattern }: DeclaredField) => {
    if (type.kind !== 'timestamp' || pattern !== null || !isUnit(format)) return [];
    return sources.flatMap((at) => {
      const meant = unitOf(at.reduce<Value | undefined>(inside, record));
      return meant === undefined || meant === format ? [] : [{ name, declared: format, meant, at }];
    });
  });
}

function isUnit(format: string): format is Unit {
  return format in UNITS;
}

function inside(value: Value | undefined, key: string): Value | undefined {
  return isMapping(value) ? value.get(key) : undefined;
}

function unitOf(value: Value | undefined): Unit | undefined {
  if (typeof value !== 'number') return undefined;
  return (Object.keys(UNITS) as Unit[]).find((unit) => {
    const seconds = value / UNITS[unit];
    return seconds >= LEAST_SECONDS && seconds < MOST_SECONDS;
  });
}
