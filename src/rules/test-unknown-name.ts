import type { Path } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Topology } from '../topology/topology.ts';
import { DEAD_LETTER, LOOKS, type Look, type TestStep } from '../topology/topology-test.ts';
import { isMapping, isSequence, type Mapping, valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import { expectationsIn } from './expectations-in.ts';
import type { PlanContext, Rule, RuleContext } from './rule.ts';

const FLOW =
  'exits:\n  results: { from: orders, for: shop }\ntests:\n  - name: orders leave\n    steps:\n';

export const testUnknownName: Rule = {
  slug: 'test-unknown-name',
  severity: 'error',
  explain:
    'A test names a lane, a vehicle, an exit or a field that the topology lacks. What is fed there is read by nobody, and what is expected there cannot come.',
  wrong: withOrders(
    `${FLOW}      - feed: { oders: [{ id: 1 }] }\n      - expect: { results: [{ id: 1 }] }\n`,
  ),
  right: withOrders(
    `${FLOW}      - feed: { orders: [{ id: 1 }] }\n      - expect: { results: [{ id: 1 }] }\n`,
  ),
  check,
  checkPlan,
};

/** A name that a test uses, and those it may be. */
interface Used {
  readonly path: Path;
  readonly name: string;
  readonly known: readonly string[];
  readonly noun: string;
}

function check({ topology, data, tests, allNamed, report }: RuleContext): void {
  if (!allNamed) return;
  for (const { steps } of tests) {
    const edit = steps.findIndex((step) => step.kind === 'reload' && step.file !== null);
    // Behind an edit other names are right.
    const before = edit === -1 ? steps : steps.slice(0, edit);
    for (const { path, name, known, noun } of before.flatMap((step) => usedBy(step, topology))) {
      if (known.includes(name)) continue;
      const beside = path.at(-2) === 'expect' ? LOOKS : [];
      const meant = nearest(name, [...known, ...beside]);
      const value = valueAt(data, path);
      // What stands under such a word are no records, and their shape has said so.
      const said = beside.some((word) => word === meant) && isMapping(value);
      if (said && !value.has('records')) continue;
      const short = isMapping(value) && path.at(-1) !== name;
      report({
        path: short ? [...path, 'vehicle'] : path,
        onKey: path.at(-1) === name,
        message: `no ${noun} is called "${name}"`,
        ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
      });
    }
  }
}

function usedBy(step: TestStep, topology: Topology): readonly Used[] {
  const [vehicles, lanes] = [[...topology.vehicles.keys()], [...topology.lanes.keys()]];
  switch (step.kind) {
    case 'feed':
      return step.lanes.map(({ lane: name, path }) => ({ path, name, known: lanes, noun: 'lane' }));
    case 'attach':
    case 'detach':
      return [{ path: step.path, name: step.vehicle, known: vehicles, noun: 'vehicle' }];
    case 'reload': {
      const known = [...vehicles, ...lanes, ...topology.operators.keys(), ...topology.exits.keys()];
      return [...step.fates.keys()].map((name) => ({
        path: [...step.path, 'expect', name],
        name,
        known,
        noun: 'element',
      }));
    }
    case 'expect':
      return step.looks.flatMap((look) => usedIn(look, topology));
    default:
      return [];
  }
}

function usedIn(look: Look, { vehicles, lanes, operators, exits }: Topology): readonly Used[] {
  const { path } = look;
  const exit = { path, known: [...exits.keys(), DEAD_LETTER], noun: 'exit' };
  switch (look.what) {
    case 'exit':
      return [{ ...exit, name: look.exit }];
    case 'received':
      return [
        {
          path: path.slice(0, -1),
          name: look.vehicle,
          known: [...vehicles.keys()],
          noun: 'vehicle',
        },
        { ...exit, name: look.exit },
      ];
    case 'held':
      return [{ ...exit, name: look.name }];
    case 'late': {
      const known = [...lanes.keys(), ...operators.keys()];
      return [{ path, name: look.name, known, noun: 'lane or operator' }];
    }
    case 'watermark':
      return [{ path, name: look.name, known: [...lanes.keys()], noun: 'lane' }];
  }
}

/** Fields: of what is fed as those of the lane, of what is expected as those of the exit. */
function checkPlan({ topology, data, tests, plan, report }: PlanContext): void {
  const judge = (record: Mapping, path: Path, whose: string, known: readonly string[]): void => {
    for (const name of record.keys()) {
      if (known.includes(name)) continue;
      const meant = nearest(name, known);
      const all = known.length === 0 ? 'it has none' : `there are: ${known.join(', ')}`;
      report({
        path: [...path, name],
        onKey: true,
        message: `"${whose}" has no field "${name}"`,
        hint: meant === undefined ? all : `did you mean "${meant}"?`,
      });
    }
  };
  for (const { exit, fields, record, path } of expectationsIn(tests, plan)) {
    judge(
      record,
      path,
      exit,
      fields.map(({ name }) => name),
    );
  }
  const feeds = tests.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'feed' ? step.lanes : [])),
  );
  for (const { lane, path } of feeds) {
    const declared = topology.lanes.get(lane);
    const records = valueAt(data, path);
    if (declared === undefined || declared.codec.kind === 'text' || !isSequence(records)) continue;
    // A record that has more on purpose is fed as the text of its line.
    const columns = declared.codec.kind === 'csv' ? (declared.codec.columns ?? []) : [];
    const sources = declared.fields.flatMap((field) => field.sources.map(([first]) => first));
    const known = [...new Set([...sources, ...columns])];
    records.forEach((record, i) => {
      if (isMapping(record)) judge(record, [...path, i], lane, known);
    });
  }
}
