/**
 * Operators inside the engine against a reference that goes row by row: random records with disorder, ties,
 * late ones and NULLs, cut into chunks anywhere.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import { Engine } from '../../src/engine/engine.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import { assignIds } from '../../src/topology/canonical.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { share } from '../tools/campaign.ts';
import { topologyOf } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;

interface Message {
  readonly id: number;
  readonly body: Record<string, unknown>;
}

/** Keeps what was appended, decoded by somebody else's decoder. */
class ListHold implements Hold {
  next = 1;
  readonly messages: Message[] = [];

  append({ first, count, bytes, ends }: Bodies): void {
    expect(first).toBe(this.next);
    this.next += count;
    for (let i = 0; i < count; i++) {
      const body = Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
      const message = rhea.message.decode(body);
      this.messages.push({ id: Number(message['message_id']), body: message['body'] });
    }
  }
}

/** Feeds lines to a flow with one lane and one exit, cut into chunks, and closes it. */
function run(
  text: string,
  lines: readonly string[],
  cuts: readonly number[],
  closes = true,
): Message[] {
  const topology = topologyOf(text);
  const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
  const plan = planTopology(topology, ids);
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new ListHold()]));
  const engine = new Engine({ plan, start: START, holds, seed: 7 });
  const [{ id: lane }] = plan.lanes;
  let lsn = 0;
  let at = START;
  const feed = (entry: object): void => engine.feed({ lsn: ++lsn, at, ...entry } as LogEntry);
  feed({ kind: 'opened', lane, connection: 1, peer: 'test' });
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  let from = 0;
  for (let i = 0; from < bytes.length; i++) {
    const to = Math.min(bytes.length, from + (cuts[i % cuts.length] ?? bytes.length));
    feed({ kind: 'chunk', lane, connection: 1, bytes: bytes.subarray(from, to) });
    from = to;
    at += 1000;
  }
  feed({ kind: 'closed', lane, connection: 1, how: 'end' });
  if (closes) feed({ kind: 'close', lane });
  expect(engine.account().gaps).toEqual([]);
  return holds.get(plan.exits[0].id)?.messages ?? [];
}

function flow(operators: string, from: string, lane: string): string {
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:\n      in:\n${lane}\noperators:\n${operators}\nexits:\n  out: { from: ${from}, for: v }\n`;
}

const LANE = `        listen: 0
        fields: { k: string, n: long, d: double, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s }`;

interface Row {
  readonly k: string | null;
  readonly n: number | null;
  readonly d: number | null;
  readonly at: number;
}

const rows = fc.array(
  fc.record({
    k: fc.constantFrom(null, 'a', 'b', 'ü', ''),
    n: fc.oneof(
      fc.constant(null),
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53),
    ),
    d: fc.oneof(fc.constant(null), fc.constantFrom(0, -0.5, 1.25, 1e300)),
    at: fc.integer({ min: 0, max: 12_000 }),
  }),
  { minLength: 1, maxLength: 60 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 });

function lineOf(row: Row): string {
  return JSON.stringify({ ...row, at: START / 1000 + row.at });
}

/** The rows that are on time, by the rule: late iff ts <= newest - delay - 1 us, tested before it counts. */
function onTime(all: readonly Row[]): Row[] {
  let newest = Number.NEGATIVE_INFINITY;
  return all.filter(({ at }) => {
    const late = at * 1000 <= newest - 2_000_000 - 1;
    if (!late) newest = Math.max(newest, at * 1000);
    return !late;
  });
}

/** Windows by end, then groups in order of first arrival. */
function reference(all: readonly Row[], size: number): Record<string, unknown>[] {
  const windows = new Map<number, Map<string | null, Row[]>>();
  for (const row of onTime(all).filter(({ n }) => n !== null && n > -4)) {
    const start = Math.floor((START / 1000 + row.at) / size) * size;
    const groups = windows.get(start) ?? new Map<string | null, Row[]>();
    windows.set(start, groups);
    groups.set(row.k, [...(groups.get(row.k) ?? []), row]);
  }
  const results: Record<string, unknown>[] = [];
  for (const [start, groups] of [...windows].sort(([a], [b]) => a - b)) {
    for (const [k, own] of groups) {
      const longs = own.map(({ n }) => BigInt(n ?? 0));
      const sum = longs.reduce((a, b) => a + b, 0n);
      const safe = sum >= -(2n ** 53n - 1n) && sum <= 2n ** 53n - 1n;
      const doubles = own.flatMap(({ d }) => (d === null ? [] : [d]));
      results.push({
        k,
        start: new Date(start),
        count: own.length,
        some: doubles.length,
        sum: safe ? Number(sum) : null,
        least: own.reduce((a, { n }) => Math.min(a, n ?? 0), Number.POSITIVE_INFINITY),
        most: doubles.length === 0 ? null : Math.max(...doubles),
        mean: doubles.length === 0 ? null : doubles.reduce((a, b) => a + b, 0) / doubles.length,
        twice: own.length * 2,
      });
    }
  }
  return results.filter(({ count }) => Number(count) >= 2);
}

function plain(messages: readonly Message[]): Record<string, unknown>[] {
  return messages.map(({ body }) => ({ ...body }));
}

describe('operators', () => {
  const AGGREGATE = flow(
    `  some: { type: filter, from: in, where: n > -4 }
  per:
    type: aggregate
    from: some
    window: { tumble: 3s }
    group_by: k
    fields:
      start: window_start
      count: count(*)
      some: count(d)
      sum: sum(n)
      least: min(n)
      most: max(d)
      mean: avg(d)
      twice: count(*) * 2
    having: count >= 2`,
    'per',
    LANE,
  );

  test('filter and a windowed aggregate give what a row-wise reference gives, however chunks are cut', () => {
    fc.assert(
      fc.property(rows, cuts, (all, where) => {
        const found = plain(run(AGGREGATE, all.map(lineOf), where));
        expect(found).toEqual(reference(all, 3000));
      }),
      { numRuns: share(300) },
    );
  });

  test('nothing leaves before its time, and ids are dense', () => {
    const all: Row[] = [0, 100, 2900, 4999, 5000, 5001].map((at) => ({
      k: 'a',
      n: 1,
      d: null,
      at,
    }));
    // The window [0, 3 s) closes when a record of 5 s has been seen: 2 s of delay behind it.
    expect(run(AGGREGATE, all.slice(0, 4).map(lineOf), [1000], false)).toEqual([]);
    const closed = run(AGGREGATE, all.map(lineOf), [1000], false);
    expect(closed.map(({ id, body }) => [id, body['count']])).toEqual([[1, 3]]);
  });

  test('explode gives each element with its position, and keeps empty ones with outer', () => {
    const text = flow(
      `  words: { type: explode, from: in, each: "split(line, ',')", as: w, position: p, fields: { w: upper(w), p: p + 1 } }`,
      'words',
      '        listen: 0\n        codec: text',
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom('', 'a', 'ü', 'b c'), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 20,
        }),
        cuts,
        (lines, where) => {
          const texts = lines.map((parts) => parts.join(',')).filter((line) => line !== '');
          const wanted = texts.flatMap((line) =>
            line.split(',').map((w, i) => ({ w: w.toUpperCase(), p: i + 1 })),
          );
          expect(plain(run(text, texts, where))).toEqual(wanted);
        },
      ),
      { numRuns: share(100) },
    );
  });

  test('select computes, keeps, drops and replaces in place', () => {
    const text = flow(
      `  s: { type: select, from: in, drop: [at], fields: { n: n * 2, t: "coalesce(k, 'none')" } }`,
      's',
      LANE,
    );
    const [first, second] = plain(
      run(text, ['{"k":"a","n":3,"d":0.5,"at":1767225600000}', '{"at":1767225600000}'], [7]),
    );
    expect(first).toEqual({ k: 'a', n: 6, d: 0.5, t: 'a' });
    expect(second).toEqual({ k: null, n: null, d: null, t: 'none' });
  });

  test('70,000 groups in one window, each once, in order of first arrival', () => {
    const text = flow(
      '  per: { type: aggregate, from: in, window: { tumble: 1h }, group_by: [n, k], fields: { c: count(*) } }',
      'per',
      LANE,
    );
    const lines: string[] = [];
    for (let i = 0; i < 140_000; i++) {
      lines.push(`{"k":"${i % 7}","n":${i % 70_000},"at":1767225600000}`);
    }
    const found = run(text, lines, [65_536]);
    expect(found.length).toBe(70_000);
    expect(
      found.every(
        ({ body }, i) => body['n'] === i && body['k'] === String(i % 7) && body['c'] === 2,
      ),
    ).toBe(true);
  });
});
