/** Contents of tables in the log: in pieces, cut off by power cuts, replayed, and made again under later plans. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commitTo } from '../../src/runner/commitment.ts';
import type { Shard } from '../../src/runner/shard.ts';
import { contentOf, readTables } from '../../src/runner/tables.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';
import { held, openShard, topologyOf } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const FLOW = `
version: 1
name: tables
http: false
vehicles: { shop: { lanes: { orders: { listen: 0, fields: { id: long } } } } }
operators:
  named: { type: lookup, from: orders, key: id, kind: left, table: { file: names, fields: { n: long, name: string }, key: n } }
exits: { out: { from: named, for: shop } }
`;
/** Another lookup beside it. */
const MORE = FLOW.replace(
  'exits: {',
  `  again: { type: lookup, from: orders, key: id, table: { file: others, fields: { n: long, other: string }, key: n } }
exits: {`,
);

/** A content of many pieces: entries are at most a quarter of a segment, which has 64 KiB here. */
function tableOf(version: number, rows: number): Buffer {
  let text = '';
  for (let n = 0; n < rows; n++) text += `{"n":${n},"name":"v${version}","other":"o${version}"}\n`;
  return Buffer.from(text);
}

async function load(shard: Shard, bytes: Uint8Array): Promise<void> {
  await shard.load(readTables(shard.plan, () => bytes, shard.hashSeed));
}

function feed(shard: Shard, connection: number, id: number): void {
  const [{ id: lane }] = shard.plan.lanes;
  shard.append({ kind: 'chunk', lane, connection, bytes: Buffer.from(`{"id":${id}}\n`) });
}

function open(shard: Shard): number {
  const [{ id: lane }] = shard.plan.lanes;
  const connection = shard.recovered.connections + 1;
  shard.append({ kind: 'opened', lane, connection, peer: 'test' });
  return connection;
}

async function out(shard: Shard): Promise<readonly string[]> {
  const exit = shard.plan.exits.find(({ name }) => name === 'out');
  return (await held(shard)).get(exit?.id ?? 0) ?? [];
}

test('a power cut at any moment of a load comes back with the old table or the new one, and goes on', async () => {
  let states = 0;
  let between = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 2, maxLength: 4 }),
      fc.infiniteStream(fc.nat(99)),
      async (sizes, random) => {
        const next = (): number => Number(random.next().value);
        const disk = new CrashDisk();
        const { shard, failures } = await openShard(disk, new ManualClock(START), FLOW);
        const cuts: PowerCut[] = [];
        const connection = open(shard);
        let version = 0;
        for (const rows of sizes) {
          const loading = load(shard, tableOf(++version, rows));
          if (version === 1) await loading;
          disk.changed = () => cuts.push(disk.cut());
          for (let id = 0; id < 5; id++) feed(shard, connection, id);
          await loading;
          feed(shard, connection, 0);
          await shard.settled();
        }
        expect(failures).toEqual([]);
        const whole = await out(shard);
        expect(whole).toHaveLength(6 * sizes.length);
        for (const cut of cuts) {
          const chance = next();
          const after = await cut.disk(() => next() < chance, next() % (cut.names + 1));
          const again = await openShard(after, new ManualClock(START), FLOW);
          await again.shard.settled();
          const before = await out(again.shard);
          expect(before).toEqual(whole.slice(0, before.length));
          if (before.length > 0 && before.length < whole.length) between++;
          await load(again.shard, tableOf(99, 50));
          feed(again.shard, open(again.shard), 49);
          await again.shard.settled();
          const bodies = await out(again.shard);
          expect(bodies).toHaveLength(before.length + 1);
          expect(Buffer.from(bodies[before.length], 'hex').toString('latin1')).toContain('v99');
          expect(again.shard.account().gaps).toEqual([]);
          expect(again.failures).toEqual([]);
          states++;
        }
      },
    ),
    { numRuns: share(6), endOnFailure: true },
  );
  expect(states).toBeGreaterThan(share(60));
  expect(between).toBeGreaterThan(0);
}, 20_000);

test('contents that came before an edit which never came are made up for by the next', async () => {
  const disk = new MemoryDisk();
  const clock = new ManualClock(START);
  const { shard } = await openShard(disk, clock, FLOW);
  await load(shard, tableOf(1, 10));
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9);
  const next = commitTo(topologyOf(MORE), shard.inForce, random);
  // All that comes before the commit; then the process dies.
  await shard.load(readTables(next.plan, () => tableOf(2, 3000), shard.hashSeed));
  await shard.close();
  const again = await openShard(disk, clock, FLOW);
  await again.shard.settled();
  expect([...again.shard.tables.values()].map(({ rows }) => rows?.size)).toEqual([3000]);
  const connection = open(again.shard);
  feed(again.shard, connection, 2000);
  const other = commitTo(topologyOf(MORE), again.shard.inForce, random);
  const tables = readTables(other.plan, (file) => tableOf(file === 'names' ? 2 : 3, 3000), 5);
  await again.shard.prepare(other, tables);
  await again.shard.load(tables);
  await again.shard.settled();
  await again.shard.commit(other);
  feed(again.shard, connection, 2500);
  await again.shard.settled();
  expect([...again.shard.tables.values()].map(({ rows }) => rows?.size)).toEqual([3000, 3000]);
  const wanted = await held(again.shard);
  expect(again.shard.account().operators.map(({ name, gave }) => [name, gave])).toEqual([
    ['again', 1],
    ['named', 2],
  ]);
  await again.shard.close();
  const last = await openShard(disk, clock, FLOW);
  await last.shard.settled();
  expect(await held(last.shard)).toEqual(wanted);
  expect(last.shard.inForce.revision).toBe(2);
  expect(last.shard.account().gaps).toEqual([]);
});

test('a content that is what the table has makes no entry; one that comes to nothing is a table', async () => {
  const disk = new MemoryDisk();
  const { shard } = await openShard(disk, new ManualClock(START), FLOW);
  await load(shard, tableOf(1, 2000));
  const { logBytes } = shard;
  await load(shard, tableOf(1, 2000));
  expect(shard.logBytes).toBe(logBytes);
  await load(shard, Buffer.alloc(0));
  const connection = open(shard);
  feed(shard, connection, 1);
  await shard.settled();
  const wanted = await out(shard);
  expect(wanted).toHaveLength(1);
  await shard.close();
  const again = await openShard(disk, new ManualClock(START), FLOW);
  await again.shard.settled();
  expect(await out(again.shard)).toEqual(wanted);
});

test('a flow that keeps no log loads and looks up as one that does', async () => {
  const results = [];
  for (const forgetLog of [false, true]) {
    const { shard } = await openShard(new MemoryDisk(), new ManualClock(START), FLOW, forgetLog);
    await load(shard, tableOf(1, 3000));
    const connection = open(shard);
    feed(shard, connection, 2999);
    const [{ table }] = shard.plan.stages;
    if (table === null) throw new Error('a lookup has a table');
    const loading = shard.load([contentOf(table, tableOf(2, 3), shard.hashSeed)]);
    feed(shard, connection, 2);
    feed(shard, connection, 2999);
    await loading;
    await shard.settled();
    results.push(await out(shard));
  }
  expect(results[0]).toHaveLength(3);
  expect(results[1]).toEqual(results[0]);
});

/** The key, the kind, what is read of the file, another file, none at all. */
const EDITS = [
  FLOW,
  FLOW.replace('kind: left', 'kind: inner'),
  FLOW.replace('name: string }, key: n', 'name: { type: string, source: other } }, key: n'),
  FLOW.replace('file: names', 'file: others'),
  FLOW.replace('kind: left', 'kind: inner, unmatched_to: alone').replace(
    'exits: {',
    'exits: { alone: { from: alone, for: shop },',
  ),
  FLOW.replace('named: {', 'renamed: { was: named,').replace('from: named', 'from: renamed'),
  FLOW.replace(/operators:\n.*\n/, '').replace('from: named', 'from: orders'),
];

test('loads and edits in any order replay to the same messages, compared and made anew', async () => {
  const step = fc.oneof(
    fc.record({ what: fc.constant('load' as const), version: fc.nat(5), rows: fc.nat(900) }),
    fc.record({
      what: fc.constant('edit' as const),
      flow: fc.constantFrom(...EDITS),
      version: fc.nat(5),
      rows: fc.nat(900),
    }),
    fc.record({ what: fc.constant('feed' as const), id: fc.nat(1000), settled: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const disk = new MemoryDisk();
      const clock = new ManualClock(START);
      const { shard } = await openShard(disk, clock, FLOW);
      await load(shard, tableOf(1, 10));
      const connection = open(shard);
      const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9);
      for (const one of steps) {
        clock.advance(clock.now() + 1000);
        if (one.what === 'load') {
          await load(shard, tableOf(one.version, one.rows));
        } else if (one.what === 'feed') {
          feed(shard, connection, one.id);
          if (one.settled) await shard.settled();
        } else {
          // As `reload` does it; what came meanwhile still meets the old plan.
          const next = commitTo(topologyOf(one.flow), shard.inForce, random);
          const bytes = tableOf(one.version, one.rows);
          const tables = readTables(next.plan, () => bytes, shard.hashSeed);
          await shard.prepare(next, tables);
          feed(shard, connection, one.version);
          await shard.load(tables);
          await shard.settled();
          await shard.commit(next);
        }
      }
      await shard.settled();
      const wanted = await held(shard);
      const hashes = [...shard.tables].map(([id, { hash }]) => [id, hash]);
      expect(shard.account().gaps).toEqual([]);
      await shard.close();
      const compared = await openShard(disk, new ManualClock(clock.now()), FLOW);
      expect(await held(compared.shard)).toEqual(wanted);
      expect([...compared.shard.tables].map(([id, { hash }]) => [id, hash])).toEqual(hashes);
      for (const [id] of wanted) {
        for (const name of await disk.list(`state/holds/${id}`)) {
          if (!name.startsWith('acks')) await disk.remove(`state/holds/${id}/${name}`);
        }
      }
      const anew = await openShard(disk, new ManualClock(clock.now()), FLOW);
      await anew.shard.settled();
      expect(await held(anew.shard)).toEqual(wanted);
    }),
    { numRuns: share(40) },
  );
});
