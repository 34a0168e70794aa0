/**
 * The bet on determinism: what a flow holds is a function of its log. Random traffic goes through log and
 * group commit with random sync delays; the files are replayed, and replayed again cut off at a durable
 * group; the holds are equal byte for byte.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Shard } from '../../src/runner/shard.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { share } from '../tools/campaign.ts';
import { held, openShard, SlowDisk } from '../tools/flow-world.ts';
import { cutLog, drive, loseHolds, stepsOf, type Traffic } from '../tools/random-traffic.ts';

const START = 1_767_225_600_000_000;

const LANES = `
  a:
    lanes:
      east:
        listen: 0
        fields: { id: long, word: string, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s, idle_timeout: 3s }
  b:
    lanes:
      west: { listen: 0, codec: text }
`;
const OPERATORS = [
  'odd: { type: filter, from: east, where: id % 2 = 1 }',
  'per: { type: aggregate, from: odd, window: { tumble: 5s }, group_by: word, fields: { n: count(*), s: sum(id), m: max(id) } }',
  'words: { type: explode, from: west, each: "split(line, \' \')", as: word, fields: { word: word } }',
  'counts: { type: aggregate, from: words, window: { batch: 2s }, group_by: word, fields: { n: count(*) } }',
  'hops: { type: aggregate, from: odd, window: { hop: 5s, every: 2s }, group_by: word, fields: { n: count(*), m: max(word) } }',
  'visits: { type: aggregate, from: east, window: { session: 2s }, group_by: word, fields: { since: window_start, n: count(*) } }',
  'totals: { type: aggregate, from: east, retention: 5s, every: 2s, group_by: word, fields: { n: count(*), m: min(word) } }',
  'met: { type: join, left: odd, right: east, kind: full, key: word, within: { before: 1s, after: 3s }, where: left.id < right.id, fields: { word: word, l: left.id, r: right.id }, late_to: behind }',
  'more: { type: join, left: odd, right: east, key: word, within: 2s, where: left.id < right.id, unmatched_to: unmet, fields: { word: word } }',
  'once: { type: dedupe, from: east, key: word, within: 4s }',
  'best: { type: top, from: odd, window: { hop: 5s, every: 2s }, group_by: word, order_by: "id DESC", limit: 2, ties: keep, rank: place }',
  'so_far: { type: top, from: east, retention: 4s, every: 2s, order_by: "word, id DESC", limit: 3, rank: place }',
  'hottest: { type: top, from: hops, window: same, order_by: "n DESC", limit: 1, ties: keep }',
  'lately: { type: over, from: east, group_by: word, rows: 3, retention: 4s, keep: [id], fields: { s: sum(id) } }',
  'around: { type: over, from: odd, range: 2s, fields: { id: id, n: count(*), m: max(word) } }',
  'pairs: { type: select, from: counts, fields: { word: upper(word), n: n * 10 } }',
];
const EXITS = [
  'p: { from: per, for: a }',
  'c: { from: pairs, for: b, format: json }',
  'h: { from: hops, for: a }',
  'v: { from: visits, for: a }',
  't: { from: totals, for: a }',
  'm: { from: met, for: a }',
  'u: { from: unmet, for: a, fields: [id, word] }',
  'o: { from: once, for: b }',
  'best: { from: best, for: b }',
  'so_far: { from: so_far, for: b }',
  'hottest: { from: hottest, for: b }',
  'lately: { from: lately, for: b }',
  'around: { from: around, for: b }',
  'all: { from: east, for: a, fields: [id, word] }',
];

function topology(operators: readonly string[], exits: readonly string[]): string {
  const list = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('');
  return `version: 1\nname: bet\nhttp: false\namqp: { listen: 0 }\nvehicles:${LANES}operators:\n${list(operators)}exits:\n${list(exits)}`;
}

const TOPOLOGY = topology(OPERATORS, EXITS);

/** Edits that keep all state, drop it, add and remove exits, rename, and read other streams. */
const EDITS = [
  TOPOLOGY,
  TOPOLOGY.replace('id % 2 = 1', 'id % 3 = 1'),
  TOPOLOGY.replace('tumble: 5s', 'tumble: 7s'),
  TOPOLOGY.replace('from: odd, window', 'from: east, window'),
  TOPOLOGY.replace('max_delay: 2s', 'max_delay: 9s'),
  TOPOLOGY.replace('  all: {', '  more: { from: odd, for: a }\n  all: {'),
  TOPOLOGY.replace(/ {2}all: .*\n/, ''),
  TOPOLOGY.replace('  per: {', '  sums: { was: per,').replace('from: per,', 'from: sums,'),
  TOPOLOGY.replace('limit: 3', 'limit: 1').replace('rows: 3', 'rows: 2'),
  TOPOLOGY.replace('limit: 2, ties: keep', 'limit: 4').replace('range: 2s', 'range: 3s'),
  TOPOLOGY.replace('format: json', 'format: map, fields: [n, word]'),
  TOPOLOGY.replace('word: string, at', 'word: string, more: long, at'),
];

const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ id: fc.nat(50), word: fc.constantFrom('a', 'b', 'ü'), ago: fc.nat(6000) })
      .map(({ id, word, ago }) => `{"id":${id},"word":"${word}","at":@${ago}}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '{', 'a b a', '{"id":"x"}', '{"id":1}') },
);
const TRAFFIC: Traffic = {
  lanes: [
    { name: 'east', line },
    { name: 'west', line },
  ],
};
const steps = stepsOf(TRAFFIC);

describe('the bet on determinism', () => {
  test('a replay, whole or cut at any durable group, gives the holds of the live run byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }),
        async (all, delays) => {
          const memory = new MemoryDisk();
          const clock = new ManualClock(START);
          let turn = 0;
          const disk = new SlowDisk(memory, () => delays[turn++ % delays.length]);
          const live = await openShard(disk, clock, TOPOLOGY);
          await drive({ ...live, clock }, TRAFFIC, all);
          const wanted = await held(live.shard);
          const account = live.shard.account();
          expect(account.gaps).toEqual([]);
          expect(live.failures).toEqual([]);
          await live.shard.close();

          // From the files, with the holds there: compared by checksum. And with the holds gone: made anew.
          const compared = await openShard(memory, new ManualClock(clock.now()), TOPOLOGY);
          await compared.shard.settled();
          expect(await held(compared.shard)).toEqual(wanted);
          expect(compared.shard.account().lanes).toEqual(
            account.lanes.map((lane, i) => ({ ...lane, ...tornBy(compared.shard, i, lane) })),
          );
          await loseHolds(memory, wanted.keys());
          const anew = await openShard(memory, new ManualClock(clock.now()), TOPOLOGY);
          await anew.shard.settled();
          expect(await held(anew.shard)).toEqual(wanted);
        },
      ),
      { numRuns: share(40) },
    );
  }, 20_000);

  test('a log with edits in it gives the same holds again, under each plan in turn', async () => {
    const anyEdit = fc.array(fc.constantFrom(...EDITS), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(steps, anyEdit, async (all, edits) => {
        const memory = new MemoryDisk();
        const clock = new ManualClock(START);
        const live = await openShard(memory, clock, TOPOLOGY);
        await drive({ ...live, clock }, TRAFFIC, all, edits);
        const wanted = await held(live.shard);
        expect(live.shard.account().gaps).toEqual([]);
        const { revision, text } = live.shard.inForce;
        await live.shard.close();
        const compared = await openShard(memory, new ManualClock(clock.now()), TOPOLOGY);
        expect(await held(compared.shard)).toEqual(wanted);
        expect(compared.shard.inForce).toMatchObject({ revision, text });
        await loseHolds(memory, wanted.keys());
        const anew = await openShard(memory, new ManualClock(clock.now()), TOPOLOGY);
        await anew.shard.settled();
        expect(await held(anew.shard)).toEqual(wanted);
        expect(anew.shard.account().gaps).toEqual([]);
      }),
      { numRuns: share(30) },
    );
  }, 20_000);

  test('a log cut off at a durable group holds a prefix of every exit', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(100), async (all, share) => {
        const memory = new MemoryDisk();
        const clock = new ManualClock(START);
        const live = await openShard(memory, clock, TOPOLOGY);
        await drive({ ...live, clock }, TRAFFIC, all);
        const wanted = await held(live.shard);
        await live.shard.close();
        await cutLog(memory, share);
        await loseHolds(memory, wanted.keys());
        // At the time of then: else what time alone brings about comes, with what there is at the cut.
        const again = await openShard(memory, new ManualClock(START), TOPOLOGY);
        await again.shard.settled();
        for (const [id, bodies] of await held(again.shard)) {
          expect(bodies).toEqual(wanted.get(id)?.slice(0, bodies.length));
        }
      }),
      { numRuns: share(40) },
    );
  }, 20_000);

  test('a flow that keeps no log gives the same bytes as one that does', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const results = [];
        for (const forgetLog of [false, true]) {
          const clock = new ManualClock(START);
          const { shard, failures } = await openShard(new MemoryDisk(), clock, TOPOLOGY, forgetLog);
          await drive({ shard, clock }, TRAFFIC, all);
          results.push(await held(shard));
          expect(failures).toEqual([]);
          expect(shard.account().gaps).toEqual([]);
          await shard.close();
        }
        expect(results[1]).toEqual(results[0]);
      }),
      { numRuns: share(40) },
    );
  }, 20_000);

  test('a file with its elements permuted gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.shuffledSubarray(OPERATORS, { minLength: OPERATORS.length }),
        fc.shuffledSubarray(EXITS, { minLength: EXITS.length }),
        async (all, operators, exits) => {
          const results = [];
          for (const text of [TOPOLOGY, topology(operators, exits)]) {
            const clock = new ManualClock(START);
            const { shard } = await openShard(new MemoryDisk(), clock, text);
            await drive({ shard, clock }, TRAFFIC, all);
            results.push(await held(shard));
          }
          expect(results[1]).toEqual(results[0]);
        },
      ),
      { numRuns: share(30) },
    );
  }, 20_000);
});

/** A restart tears the partial lines of connections that were open. */
function tornBy(
  shard: Shard,
  index: number,
  before: { readonly lines: number; readonly torn: number },
): { lines: number; torn: number } {
  const { torn } = shard.account().lanes[index];
  expect(torn - before.torn).toBeLessThanOrEqual(1);
  return { torn, lines: before.lines + torn - before.torn };
}
