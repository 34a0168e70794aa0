/**
 * From a document's `tests` to their model. As `build.ts`: what has the wrong shape has been reported and is
 * left out. What is fed becomes text here, numbers digit by digit as they were written.
 */
import type { Path, Report } from '../diagnostics/report.ts';
import { parseInstant } from './instant.ts';
import type { SourceOf } from './operator-spec.ts';
import { count, duration, elements, oneOf, sorted, text } from './read-value.ts';
import type { Expected, FedLine, LaneFeed, Look, TestStep, TopologyTest } from './topology-test.ts';
import { entry, isMapping, isSequence, type Mapping, type Value } from './value.ts';

/** Far from any change of clocks, and round. */
export const TEST_START = '2026-01-01T00:00:00Z';
const SIDES = ['both', 'lanes', 'exits'] as const;

export function buildTests(
  data: Value | undefined,
  source: SourceOf,
  report: Report,
): readonly TopologyTest[] {
  const tests = entry(data, 'tests');
  if (!isSequence(tests)) return [];
  return tests.flatMap((test, index) => {
    if (!isMapping(test)) return [];
    const path = ['tests', index];
    const steps = test.get('steps');
    return {
      name: text(test.get('name')) ?? '',
      path,
      start: startOf(test.get('start'), [...path, 'start'], report),
      steps: isSequence(steps)
        ? steps.flatMap((step, i) => buildStep(step, [...path, 'steps', i], source, report))
        : [],
    };
  });
}

function startOf(value: Value | undefined, path: Path, report: Report): number {
  const written = text(value) ?? TEST_START;
  const at = parseInstant(written);
  if (at !== undefined && at >= 0) return at;
  const message = `"${written}" is no instant after 1970`;
  report.add({ rule: 'bad-quantity', path, message, hint: `write it as "${TEST_START}"` });
  return parseInstant(TEST_START) ?? 0;
}

function buildStep(value: Value, path: Path, source: SourceOf, report: Report): TestStep[] {
  if (!isMapping(value)) return [];
  const kinds = [...value.keys()].filter((key) => !key.startsWith('x_'));
  if (kinds.length > 1) {
    report.add({
      rule: 'conflicting-fields',
      path: [...path, kinds[1]],
      onKey: true,
      message: `a step does one thing, and this one has ${kinds.join(' and ')}`,
      hint: `write "- ${kinds[1]}: ..." as a step of its own`,
    });
  }
  const [kind] = kinds;
  const inner = value.get(kind ?? '');
  const below = [...path, kind ?? ''];
  switch (kind) {
    case 'feed':
      return isMapping(inner)
        ? [{ kind, path: below, lanes: buildFeed(inner, below, source) }]
        : [];
    case 'advance':
      return [{ kind, path: below, by: duration(inner) ?? 0 }];
    case 'attach':
      return [{ kind, path: below, ...buildAttach(inner ?? null) }];
    case 'detach':
      return [{ kind, path: below, ...buildDetach(inner ?? null) }];
    case 'reload':
      return [{ kind, path: below, ...buildReload(inner) }];
    case 'restart':
    case 'close':
      return [{ kind, path: below }];
    case 'expect':
      return isMapping(inner) ? [{ kind, path: below, looks: buildLooks(inner, below) }] : [];
    default:
      return [];
  }
}

function buildFeed(feed: Mapping, path: Path, source: SourceOf): LaneFeed[] {
  return sorted([...feed]).flatMap(([lane, value]) => {
    const below = [...path, lane];
    if (isSequence(value)) {
      const lines = value.map((one, i) => line(one, [...below, i], source));
      return { lane, path: below, data: { lines } };
    }
    const file = text(entry(value, 'file'));
    return file === undefined ? [] : { lane, path: below, data: { file } };
  });
}

function line(value: Value, path: Path, source: SourceOf): FedLine {
  const text = typeof value === 'string' ? value : wireText(value, path, source);
  if (!isMapping(value)) return { text, record: null };
  const values = [...value].map(([key, one]): [string, string | null] => {
    if (one === null || typeof one === 'string') return [key, one];
    return [key, wireText(one, [...path, key], source)];
  });
  return { text, record: new Map(values) };
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

/** A value as JSON; a number keeps its digits. */
function wireText(value: Value, path: Path, source: SourceOf): string {
  if (isSequence(value)) {
    return `[${value.map((one, i) => wireText(one, [...path, i], source)).join(',')}]`;
  }
  if (isMapping(value)) {
    const fields = [...value].map(
      ([key, one]) => `${JSON.stringify(key)}:${wireText(one, [...path, key], source)}`,
    );
    return `{${fields.join(',')}}`;
  }
  if (typeof value !== 'number') return JSON.stringify(value);
  const written = source(path);
  return written !== undefined && JSON_NUMBER.test(written) ? written : String(value);
}

function vehicleOf(value: Value): string {
  return text(value) ?? text(entry(value, 'vehicle')) ?? '';
}

function buildAttach(value: Value) {
  return {
    vehicle: vehicleOf(value),
    credit: count(entry(value, 'credit')) ?? null,
    outcome: oneOf(entry(value, 'outcome'), ['accepted', 'released', 'rejected'] as const),
    side: oneOf(entry(value, 'side'), SIDES),
  };
}

function buildDetach(value: Value) {
  return {
    vehicle: vehicleOf(value),
    end: oneOf(entry(value, 'end'), ['clean', 'failed'] as const),
    side: oneOf(entry(value, 'side'), SIDES),
  };
}

function buildReload(value: Value | undefined) {
  const fates = entry(value, 'expect');
  return {
    file: text(entry(value, 'file')) ?? null,
    fates: new Map(isMapping(fates) ? [...fates].map(([name, fate]) => [name, String(fate)]) : []),
  };
}

function buildLooks(expect: Mapping, path: Path): Look[] {
  return [...expect].flatMap(([key, value]): Look[] => {
    const below = [...path, key];
    if (key === 'received') {
      return elements(value).flatMap(([vehicle, exits]) =>
        [...exits].map(([exit, expected]) => ({
          what: key,
          vehicle,
          exit,
          path: [...below, vehicle, exit],
          expected: buildExpected(expected, [...below, vehicle, exit]),
        })),
      );
    }
    if (key === 'held' || key === 'late') {
      return scalars(value).map(([name, number]) => ({
        what: key,
        name,
        path: [...below, name],
        count: Number(number),
      }));
    }
    if (key === 'watermark') {
      return scalars(value).map(([name, at]) => ({
        what: key,
        name,
        path: [...below, name],
        at: String(at),
      }));
    }
    return [{ what: 'exit', exit: key, path: below, expected: buildExpected(value, below) }];
  });
}

function scalars(value: Value): (readonly [string, Value])[] {
  return isMapping(value) ? [...value].filter(([, one]) => typeof one !== 'object') : [];
}

function buildExpected(value: Value, path: Path): Expected | null {
  if (value === null) return null;
  const long = isMapping(value);
  const records = long ? entry(value, 'records') : value;
  const tolerance = long ? entry(value, 'tolerance') : undefined;
  return {
    path: long ? [...path, 'records'] : path,
    records: isSequence(records) ? records.filter(isMapping) : [],
    ordered: long && entry(value, 'ordered') === true,
    exact: long && entry(value, 'exact') === true,
    tolerance: typeof tolerance === 'number' ? tolerance : 0,
  };
}
