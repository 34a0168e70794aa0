/** The text of a commit: what goes into the log comes out of it. */
import { describe, expect, test } from '@jest/globals';
import { assignIds, fromCanonical, toCanonical } from '../../src/topology/canonical.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { flowOf } from '../tools/topology-of.ts';

const TEXT = `version: 1
name: test
vehicles:
  shop:
    command: [node, shop.js]
    env: { LEVEL: 5 }
    lanes:
      orders:
        fields: { z: long, at: { type: timestamp, source: a.b, format: epoch_ms }, s: "struct<a: array<long>>" }
        event_time: at
operators:
  sums: { type: aggregate, from: orders, window: { tumble: 1m }, group_by: [z], fields: { n: count(*), a: 1.0 } }
exits:
  sums: { from: sums, for: shop, fields: { n: n, a: a } }
  list: { from: sums, for: shop, fields: [z, n] }
  all: { from: sums, for: shop }
`;

const { topology } = flowOf(TEXT);
let seed = 0;
const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(++seed);

describe('assignIds', () => {
  test('remembers of an exit that is gone whether a secret was asked for', () => {
    const secured = flowOf(
      TEXT.replace('    env:', `    secret: "${'$'}{env:SHOP}"\n    env:`),
    ).topology;
    const { topology: gone } = flowOf('version: 1\nname: test\n');
    for (const [before, expected] of [
      [topology, false],
      [secured, true],
    ] as const) {
      const ids = assignIds(before, random);
      const { formerExits } = assignIds(gone, random, { topology: before, ids });
      expect([...formerExits.values()].map((exit) => exit.secured)).toEqual(
        Array(3).fill(expected),
      );
    }
  });

  test('numbers elements from 1, in order of name, and gives each exit its own stream', () => {
    const ids = assignIds(topology, random);
    expect([...ids.vehicles, ...ids.lanes]).toEqual([
      ['shop', 1],
      ['orders', 2],
    ]);
    expect([...ids.exits].map(([name, { id }]) => [name, id])).toEqual([
      ['all', 3],
      ['list', 4],
      ['sums', 5],
    ]);
    expect(ids.deadLetter.id).toBe(6);
    expect(ids.next).toBe(7);
    const streams = [...ids.exits.values(), ids.deadLetter].map(({ stream }) => stream);
    expect(new Set(streams).size).toBe(4);
    for (const stream of streams) expect(stream).toMatch(/^[0-9a-f]{32}$/);
  });

  test('keeps what has a number and never gives one twice', () => {
    const before = assignIds(topology, random);
    const { topology: fewer } = flowOf(TEXT.replace(/ {2}sums: \{ from.*\n/, ''));
    const between = assignIds(fewer, random, { topology, ids: before });
    expect(between.exits.has('sums')).toBe(false);
    const after = assignIds(topology, random, { topology: fewer, ids: between });
    expect(after.exits.get('all')).toEqual(before.exits.get('all'));
    expect(after.lanes).toEqual(before.lanes);
    expect(between.formerExits.get('sums')).toMatchObject({
      ...before.exits.get('sums'),
      for: ['shop'],
    });
    expect(after.exits.get('sums')).toEqual(before.exits.get('sums'));
    expect(after.formerExits.size).toBe(0);
    expect(after.deadLetter).toEqual(before.deadLetter);
  });
});

describe('the canonical text', () => {
  test('gives back the same topology, ids and plan', () => {
    const ids = assignIds(topology, random);
    const text = toCanonical(topology, ids);
    const back = fromCanonical(text);
    expect(back).toEqual({ topology, ids });
    expect(toCanonical(back.topology, back.ids)).toBe(text);
    expect(planTopology(back.topology, back.ids)).toEqual(planTopology(topology, ids));
    expect(back.topology.lanes.get('orders')?.fields.map(({ name }) => name)).toEqual([
      'z',
      'at',
      's',
    ]);
  });

  test('is the same however the file is arranged', () => {
    const ids = assignIds(topology, random);
    const [head, vehicles, operators, exits] = TEXT.split(/(?=^vehicles|^operators|^exits)/m);
    const { topology: other } = flowOf([head, exits, operators, vehicles].join(''));
    expect(toCanonical(other, ids)).toBe(toCanonical(topology, ids));
  });

  test('the order of fields is part of it', () => {
    const ids = assignIds(topology, random);
    const { topology: other } = flowOf(TEXT.replace('{ n: n, a: a }', '{ a: a, n: n }'));
    expect(toCanonical(other, ids)).not.toBe(toCanonical(topology, ids));
  });

  test('of a format it does not know is a defect', () => {
    expect(() => fromCanonical('{"format":2}')).toThrow('format 2');
  });
});
