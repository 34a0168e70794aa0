/** From a topology to the plan that runs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { assignIds } from '../../src/topology/canonical.ts';
import type { Plan } from '../../src/topology/plan.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { flowOf } from '../tools/topology-of.ts';

const TEXT = `version: 1
name: test
vehicles:
  shop:
    command: [node, shop.js]
    lanes:
      orders:
        fields: { id: long, region: string, amount: double, note: string, at: timestamp }
        required: [id]
        event_time: { field: at, max_delay: 5s }
        at_end: finish
  chatter:
    lanes:
      lines: { listen: 7001, codec: text }
operators:
  small: { type: filter, from: orders, where: amount < 5 }
  words: { type: explode, from: lines, each: "split(line, ' ')", as: word }
  large: { type: filter, from: orders, where: amount >= 5 }
  a_late_one: { type: filter, from: sums, where: total > 1 }
  sums:
    type: aggregate
    from: large
    window: { tumble: 1m }
    group_by: [region]
    fields: { total: sum(amount) }
exits:
  words: { from: words, for: chatter, fields: [word] }
  sums: { from: a_late_one, for: shop, fields: { region: region, when: window_end, double: total * 2 } }
  all: { from: small, for: shop, fields: [id] }
  more: { from: sums, for: shop, address: m, format: json, delivery: { max_unsettled: 5 } }
`;

const { topology, plan } = flowOf(TEXT);

function usedFields(made: Plan, lane: string): string[] {
  const codec = made.lanes.find(({ name }) => name === lane)?.codec;
  if (codec?.kind !== 'ndjson') throw new Error('no such lane');
  return codec.fields.filter(({ used }) => used).map(({ name }) => name);
}

describe('the plan', () => {
  test('has stages after what they read, ties by name', () => {
    expect(plan.stages.map(({ name }) => name)).toEqual([
      'large',
      'small',
      'sums',
      'a_late_one',
      'words',
    ]);
    expect(plan.lanes.map(({ name }) => name)).toEqual(['lines', 'orders']);
    expect(plan.exits.map(({ name }) => name)).toEqual(['all', 'more', 'sums', 'words']);
  });

  test('names the readers of each stream, stages before exits', () => {
    expect([...plan.consumers].sort()).toEqual([
      ['a_late_one', [{ kind: 'exit', index: 2 }]],
      ['large', [{ kind: 'stage', index: 2, input: 0 }]],
      ['lines', [{ kind: 'stage', index: 4, input: 0 }]],
      [
        'orders',
        [
          { kind: 'stage', index: 0, input: 0 },
          { kind: 'stage', index: 1, input: 0 },
        ],
      ],
      ['small', [{ kind: 'exit', index: 0 }]],
      [
        'sums',
        [
          { kind: 'stage', index: 3, input: 0 },
          { kind: 'exit', index: 1 },
        ],
      ],
      ['words', [{ kind: 'exit', index: 3 }]],
    ]);
  });

  test('marks the fields that something reads, and the event time', () => {
    expect(usedFields(plan, 'orders')).toEqual(['id', 'region', 'amount', 'at']);
    expect(plan.lanes[0].codec).toEqual({ kind: 'text', used: true, lineEnd: 10 });
    const unread = flowOf(TEXT.replace('fields: [id]', 'fields: { one: 1 }'));
    expect(usedFields(unread.plan, 'orders')).toEqual(['region', 'amount', 'at']);
  });

  test('knows of a lane what the engine needs', () => {
    const [lines, orders] = plan.lanes;
    expect(lines).toMatchObject({ supervised: false, eventTime: null, maxLineBytes: 1_048_576 });
    expect(orders).toMatchObject({
      supervised: true,
      atEnd: 'finish',
      badRecord: 'dead_letter',
      eventTime: { field: 'at', maxDelay: 5_000_000, idleTimeout: 30_000_000 },
    });
    expect(orders.schema.fields.map(({ nullable }) => nullable)).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  test('knows of an exit what leaves, in order', () => {
    const [, more, sums] = plan.exits;
    const shape = (exit: typeof more): string[] =>
      exit.fields.map(({ name, expression }) => `${name}: ${expression.type.kind}`);
    expect(shape(more)).toEqual(['region: string', 'total: double']);
    expect(shape(sums)).toEqual(['region: string', 'when: timestamp', 'double: double']);
    expect(more).toMatchObject({ address: 'm', format: 'json', maxUnsettled: 5, for: ['shop'] });
    expect(more.maxDeliveries).toBe(10);
    expect(plan.deadLetter).toMatchObject({ name: 'dead_letter', address: 'dead_letter' });
    // It never stops a lane, and has its bound all the same.
    const bounds = { ttl: null, maxBytes: 1024 ** 3, maxRecords: null, latest: false };
    expect(plan.deadLetter.bounds).toEqual({ ...bounds, onFull: 'drop_oldest' });
  });

  test('is the same wherever elements stand in the file', () => {
    const tree: Record<string, unknown> = parse(TEXT);
    const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
    const shuffled = (value: unknown, order: number[], path: string[]): unknown => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const entries = Object.entries(value).map(([key, one]): [string, unknown] => [
        key,
        shuffled(one, order, [...path, key]),
      ]);
      // The order of fields is what an author says with it.
      if (path.at(-1) === 'fields') return Object.fromEntries(entries);
      const weight = ([key]: [string, unknown]): number =>
        order[(key.length * 7 + key.charCodeAt(0)) % order.length];
      return Object.fromEntries(entries.sort((a, b) => weight(a) - weight(b)));
    };
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 30 }), (order) => {
        const other = flowOf(stringify(shuffled(tree, order, [])));
        expect(other.topology).toEqual(topology);
        expect([...other.topology.operators.keys()]).toEqual([...topology.operators.keys()]);
        expect(planTopology(other.topology, ids)).toEqual(planTopology(topology, ids));
      }),
      { numRuns: 50 },
    );
  });

  test('a topology that was not valid is a defect, with its reasons', () => {
    const broken = new Map(topology.exits);
    const exit = topology.exits.get('all');
    if (exit === undefined) throw new Error('there is no exit');
    broken.set('all', { ...exit, fields: ['nothing'] });
    const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
    expect(() => planTopology({ ...topology, exits: broken }, ids)).toThrow(
      'exits.all.fields.0: "small" has no field "nothing"',
    );
  });
});
