/**
 * Fields that a lane makes: the first present of several, times by a pattern, computed ones; against a reference
 * that goes record by record, with the lines cut into chunks anywhere.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import type { BadRecord } from '../../src/engine/bad-record.ts';
import { Engine } from '../../src/engine/engine.ts';
import { validateText } from '../../src/rules/validate.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import { flowOf } from '../tools/topology-of.ts';

const START = 1_767_225_600_000_000;

class ListHold implements Hold {
  next = 1;
  readonly bodies: Record<string, unknown>[] = [];

  append({ count, bytes, ends }: Bodies): void {
    this.next += count;
    for (let i = 0; i < count; i++) {
      const message = Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
      this.bodies.push(rhea.message.decode(message)['body']);
    }
  }
}

interface Outcome {
  readonly bodies: readonly Record<string, unknown>[];
  /** `line reason detail` */
  readonly bad: readonly string[];
  readonly late: number;
}

function run(text: string, lines: readonly string[], cuts: readonly number[] = []): Outcome {
  const { plan } = flowOf(text);
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new ListHold()]));
  const bad: string[] = [];
  const onBad = (_: unknown, { line, reason, detail }: BadRecord): void => {
    bad.push(`${line} ${reason} ${detail}`);
  };
  const engine = new Engine({ plan, start: START, holds, seed: 7, onBad });
  const [{ id: lane }] = plan.lanes;
  const feed = (entry: object): void => engine.feed({ lsn: 1, at: START, ...entry } as LogEntry);
  feed({ kind: 'opened', lane, connection: 1, peer: 'test' });
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = Math.min(bytes.length, from + (cuts[i % cuts.length] ?? bytes.length));
    feed({ kind: 'chunk', lane, connection: 1, bytes: bytes.subarray(from, to) });
    from = to;
  }
  feed({ kind: 'closed', lane, connection: 1, how: 'end' });
  const account = engine.account();
  expect(account.gaps).toEqual([]);
  const { late } = account.lanes[0];
  return { bodies: holds.get(plan.exits[0].id)?.bodies ?? [], bad, late };
}

function flow(lane: string, exit = ''): string {
  return `version: 1
name: fields
http: false
params: { factor: 3 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
${lane.replace(/^/gm, '        ')}
exits:
  out: { from: in, for: v${exit} }
`;
}

const LANE = `fields:
  id: long
  name: { type: string, source: [nick, who.name] }
  stamp: string
  when: { type: timestamp, source: [when, ts], format: "dd.MM.yyyy HH:mm:ss xx" }
  more: { type: long, expression: id * params.factor }
  label: { type: string, expression: "concat(upper(name), '-', CAST(id AS STRING))" }
  at: { type: timestamp, expression: "try_to_timestamp(stamp, 'yyyyMMddHHmmss')" }
required: [name, more]
event_time: { field: at, max_delay: 2s }`;

interface Row {
  readonly id?: number | null;
  readonly nick?: string | null;
  readonly who?: { readonly name?: string | null };
  readonly stamp?: string | null;
  readonly when?: string | null;
  readonly ts?: string | null;
}

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 4 });
const pad = (n: number): string => String(n).padStart(2, '0');
const when = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 1, max: 12 }))
    .map(([day, month]) => `${pad(day)}.${pad(month)}.2026 10:00:00 +0200`),
  fc.constantFrom('soon', '', '1.1.2026 10:00:00 +0200'),
);
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record(
    {
      id: maybe(fc.integer({ min: -9, max: 9 })),
      nick: maybe(fc.constantFrom('ann', 'bö', '"q"\n')),
      who: fc.record({ name: maybe(fc.constantFrom('carl', '')) }, { requiredKeys: [] }),
      stamp: maybe(fc.integer({ min: 0, max: 59 }).map((s) => `202601011200${pad(s)}`)),
      when: maybe(when),
      ts: maybe(when),
    },
    { requiredKeys: [] },
  ),
  { maxLength: 40 },
);

function timeOf(text: string | null): number | null | undefined {
  if (text === null) return null;
  const match = /^(\d\d)\.(\d\d)\.2026 10:00:00 \+0200$/.exec(text);
  if (match === null) return undefined;
  const date = new Date(Date.UTC(2026, Number(match[2]) - 1, Number(match[1]), 8));
  return date.getUTCDate() === Number(match[1]) ? date.getTime() : undefined;
}

/** Why a row is no record. */
function faultOf(
  { id = null, stamp = null, ...row }: Row,
  name: string | null,
  time: number | null | undefined,
): string | undefined {
  if (name === null) return 'missing-field name is missing or null';
  if (time === undefined) {
    const wanted = 'where a timestamp (dd.MM.yyyy HH:mm:ss xx) is wanted';
    return `wrong-type when: "${row.when ?? row.ts}" ${wanted}`;
  }
  if (id === null) return 'missing-field more is missing or null';
  return stamp === null ? 'bad-event-time the event time "at" is missing' : undefined;
}

/** The same, a record at a time. */
function reference(all: readonly Row[]): Outcome {
  const bodies: Record<string, unknown>[] = [];
  const bad: string[] = [];
  let late = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for (const [i, row] of all.entries()) {
    const { id = null, stamp = null } = row;
    const name = row.nick ?? row.who?.name ?? null;
    const time = timeOf(row.when ?? row.ts ?? null);
    const fault = faultOf(row, name, time);
    if (fault !== undefined) {
      bad.push(`${i + 1} ${fault}`);
      continue;
    }
    const at = Date.UTC(2026, 0, 1, 12, 0, Number(stamp?.slice(-2)));
    if (at < newest - 2000) late++;
    newest = Math.max(newest, at);
    bodies.push({
      id,
      name,
      stamp,
      when: time == null ? null : new Date(time),
      more: Number(id) * 3,
      label: `${name?.toUpperCase()}-${id}`,
      at: new Date(at),
    });
  }
  return { bodies, bad, late };
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('fields that a lane makes', () => {
  test('are what a person would compute, and what is no record is told why', () => {
    fc.assert(
      fc.property(
        rows,
        fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 4 }),
        (all, cuts) => {
          const lines = all.map((row) => JSON.stringify(row));
          const { bodies, ...rest } = reference(all);
          const outcome = run(flow(LANE), lines, cuts);
          expect({ ...rest, bodies: plain(outcome.bodies) }).toEqual({
            bad: outcome.bad,
            late: outcome.late,
            bodies: plain(bodies),
          });
        },
      ),
    );
  });

  test('do not change which lines are bad when nobody reads them', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const lines = all.map((row) => JSON.stringify(row));
        const some = run(flow(LANE, ', fields: [stamp]'), lines);
        expect(some.bad).toEqual(run(flow(LANE), lines).bad);
      }),
    );
  });

  test('give a text lane event time', () => {
    const lane = `codec: text
fields:
  at: { type: timestamp, expression: "try_to_timestamp(split_part(split_part(line, '[', 2), ']', 1), 'dd/MMM/yyyy:HH:mm:ss xx')" }
  status: { type: long, expression: "CAST(split_part(line, ' ', 9) AS BIGINT)" }
required: [status]
event_time: { field: at, max_delay: 10s }`;
    const line = (time: string, status: string): string =>
      `10.0.0.1 - - [${time}] "GET / HTTP/1.1" ${status} 17`;
    const { bodies, bad, late } = run(flow(lane), [
      line('10/Oct/2025:13:55:36 -0700', '200'),
      line('10/Oct/2025:13:55:20 -0700', '404'),
      line('10/Oct/2025:13:55', '200'),
      line('10/Oct/2025:13:55:36 -0700', 'oops'),
      'nothing of the kind',
    ]);
    expect(bodies.map(({ at, status }) => [(at as Date).toISOString(), status])).toEqual([
      ['2025-10-10T20:55:36.000Z', 200],
      ['2025-10-10T20:55:20.000Z', 404],
    ]);
    expect(bodies[0]['line']).toBe(line('10/Oct/2025:13:55:36 -0700', '200'));
    expect(late).toBe(1);
    expect(bad).toEqual([
      '3 bad-event-time the event time "at" is missing',
      '4 missing-field status is missing or null',
      '5 missing-field status is missing or null',
    ]);
  });

  test('may read the time of arrival', () => {
    const lane =
      'fields:\n  id: long\n  seen: { type: timestamp, expression: "date_trunc(\'day\', _ingest_time)" }';
    const [{ seen }] = run(flow(lane), ['{"id":1}']).bodies;
    expect((seen as Date).getTime() * 1000).toBe(START);
  });

  test('may read the record as it came, and the name of the lane', () => {
    const lane =
      'fields:\n  id: long\n  all: { type: string, expression: "concat(_lane, \' \', _raw)" }\nrequired: [all]';
    const lines = ['{"id":1, "ü": 2}', '', 'x', '{"id":null}'];
    const { bodies, bad } = run(flow(lane), lines, [3]);
    expect(bodies.map(({ all }) => all)).toEqual(['in {"id":1, "ü": 2}', 'in {"id":null}']);
    expect(bad).toHaveLength(1);
  });

  test('come before lateness, which operators without state may read', () => {
    const lane =
      'fields: { id: long, at: { type: timestamp, format: epoch_s } }\nevent_time: { field: at, max_delay: 1s }';
    const exit = ', fields: { id: id, late: _late, by: _late_by }';
    const line = (id: number, at: number): string => JSON.stringify({ id, at: 1_767_225_600 + at });
    const times = [10, 9, 5, 12, 3];
    const text = flow(lane, exit).replace(
      'exits:\n  out: { from: in',
      'operators:\n  all: { type: filter, from: in, where: "_late OR _late_by IS NULL" }\nexits:\n  out: { from: all',
    );
    const all = times.map((at, i) => line(i, at));
    const expected = [
      { id: 0, late: false, by: null },
      { id: 1, late: false, by: null },
      { id: 2, late: true, by: 4_000_000 },
      { id: 3, late: false, by: null },
      { id: 4, late: true, by: 8_000_000 },
    ];
    expect(run(text, all).bodies).toEqual(expected);
    expect(run(text, [all[0], all[1]]).bodies).toEqual(expected.slice(0, 2));
  });

  test('are told apart by their lanes, behind operators without state', () => {
    const { plan } = flowOf(`version: 1
name: lanes
vehicles:
  v:
    lanes:
      north: { listen: 0, fields: { xs: array<long> } }
      south: { listen: 0, fields: { xs: array<long> } }
operators:
  all: { type: union, from: [north, south] }
  each: { type: explode, from: all, each: xs, as: x }
  named: { type: select, from: each, fields: { x: x, from: upper(_lane) } }
exits:
  out: { from: named, for: v }
`);
    const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new ListHold()]));
    const engine = new Engine({ plan, start: START, holds, seed: 7 });
    for (const [k, { id: lane }] of [...plan.lanes, ...plan.lanes].entries()) {
      const feed = (entry: object): void =>
        engine.feed({ lsn: 1, at: START, ...entry } as LogEntry);
      feed({ kind: 'opened', lane, connection: k, peer: 'test' });
      feed({ kind: 'chunk', lane, connection: k, bytes: Buffer.from(`{"xs":[${k},${k + 10}]}\n`) });
      feed({ kind: 'closed', lane, connection: k, how: 'end' });
    }
    const bodies = holds.get(plan.exits[0].id)?.bodies.map(({ x, from }) => `${x} ${from}`);
    expect(bodies).toEqual([
      '0 NORTH',
      '10 NORTH',
      '1 SOUTH',
      '11 SOUTH',
      '2 NORTH',
      '12 NORTH',
      '3 SOUTH',
      '13 SOUTH',
    ]);
  });

  test('take the first source whose type fits all the same', () => {
    const lane = 'fields: { n: { type: double, source: [a, b, c] } }';
    const { bodies, bad } = run(flow(lane), [
      '{"b":2,"c":3}',
      '{"a":null,"c":3}',
      '{}',
      '{"c":"x"}',
    ]);
    expect(bodies).toEqual([{ n: 2 }, { n: 3 }, { n: null }]);
    expect(bad).toHaveLength(1);
    expect(bad[0]).toMatch(/^4 wrong-type c: /);
  });
});

describe('what is wrong with them', () => {
  test.each<[string, string, string]>([
    [
      'reading another computed field',
      'fields:\n  id: long\n  a: { type: long, expression: id + 1 }\n  b: { type: long, expression: a + 1 }',
      'unknown-column 13:40 there is no field "a" here',
    ],
    [
      'reading event time, which may depend on it',
      'fields:\n  id: long\n  a: { type: timestamp, expression: _time }',
      'unknown-column 12:45 there is no field "_time" here',
    ],
    [
      'another type than it says',
      'fields:\n  id: long\n  a: { type: long, expression: "\'x\'" }',
      'type-mismatch 12:41 a long is needed here, this is a string',
    ],
    [
      'an aggregate',
      'fields:\n  id: long\n  a: { type: long, expression: sum(id) }',
      'not-allowed-here 12:40 sum is an aggregate, which looks at many records',
    ],
    [
      'a source as well',
      'fields:\n  id: long\n  a: { type: long, expression: id, source: b }',
      'conflicting-fields 12:44 "a" is computed, so it has no "source" in the input',
    ],
    [
      'a pattern without a date',
      'fields: { at: { type: timestamp, format: "HH:mm:ss" } }',
      'pattern-not-supported 10:50 a pattern says year, month and day: yyyy, MM and dd',
    ],
    [
      'a format that is none',
      'fields: { at: { type: timestamp, format: epoch_m } }',
      'value-not-allowed 10:50 "epoch_m" is not one of',
    ],
    [
      'a choice among arrays',
      'fields: { a: { type: array<long>, source: [x, y] } }',
      'not-yet-supported 10:51 a choice of sources is for single values',
    ],
    [
      'a text lane with a field of its own',
      'codec: text\nfields: { a: long, n: { type: long, expression: length(line) } }',
      'conflicting-fields 11:19 a text lane has one field, "line"',
    ],
    [
      'a name that is taken',
      'codec: text\nfields: { line: { type: long, expression: length(line) } }',
      'conflicting-fields 11:19 "line" is the text itself',
    ],
  ])('%s', (_, lane, expected) => {
    const { findings } = validateText(flow(lane), 'test.yaml');
    const found = findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ rule, at, message }) => `${rule} ${at.line}:${at.column} ${message}`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });
});
