/** What makes two topologies different flows, and in which words. */
import { describe, expect, test } from '@jest/globals';
import { flowDifference, flowFingerprint } from '../../src/topology/flow.ts';
import { flowOf } from '../tools/topology-of.ts';

const TEXT = `version: 1
name: test
amqp: { listen: 7100 }
vehicles:
  shop:
    lanes:
      orders:
        listen: 7001
        fields: { id: long, region: string, amount: double, at: timestamp }
        event_time: { field: at, max_delay: 5s }
operators:
  large: { type: filter, from: orders, where: amount > 5 }
  counts:
    type: aggregate
    from: large
    window: { tumble: 10s }
    group_by: [region]
    fields: { n: count(*), sum: sum(amount) }
exits:
  counts: { from: counts, for: shop }
`;
const { topology } = flowOf(TEXT);

function edited(from: string | RegExp, to: string): readonly string[] {
  const text = TEXT.replace(from, to);
  expect(text).not.toBe(TEXT);
  const { topology: other } = flowOf(text);
  const changes = flowDifference(topology, other);
  expect(flowFingerprint(other) === flowFingerprint(topology)).toBe(changes.length === 0);
  return changes;
}

describe('the difference of two flows', () => {
  test.each<[string, string | RegExp, string, string[]]>([
    ['a window', '10s', '20s', ['operator counts: window.tumble 10s -> 20s']],
    ['a condition', '> 5', '> 6', ['operator large: where amount > 5 -> amount > 6']],
    [
      'a delay and a field',
      /id: long(.*)\n(.*)5s/,
      'id: string$1\n$26s',
      ['lane orders: event_time.max_delay 5s -> 6s', 'lane orders: fields.id long -> string'],
    ],
    [
      'a new field',
      'n: count(*),',
      'n: count(*), max: max(amount),',
      ['operator counts: fields.max max(amount) is new'],
    ],
    [
      'the order of fields',
      'n: count(*), sum: sum(amount)',
      'sum: sum(amount), n: count(*)',
      ['operator counts: order of fields n, sum -> sum, n'],
    ],
    ['another exit', 'exits:', 'exits:\n  more: { from: large, for: shop }', ['exit more is new']],
    [
      'a renamed exit',
      'counts: { from: counts',
      'sums: { from: counts',
      ['exit counts is gone', 'exit sums is new'],
    ],
    [
      'who starts the vehicle',
      'shop:\n',
      'shop:\n    command: [node, shop.js]\n',
      ['lane orders: program started elsewhere -> started here'],
    ],
    [
      'the longest line',
      'listen: 7001',
      'listen: 7001\n        limits: { max_line: 1025B }',
      ['lane orders: limits.max_line 1048576 bytes -> 1025 bytes'],
    ],
    [
      'what leaves',
      'for: shop }',
      'for: shop, fields: [n], format: json }',
      ['exit counts: format map -> json', 'exit counts: fields all -> ["n"]'],
    ],
  ])('names %s', (_, from, to, sentences) => {
    expect(edited(from, to)).toEqual(sentences);
  });

  test.each<[string, string, string]>([
    ['descriptions', 'name: test', 'name: test\ndescription: of orders'],
    ['addresses', 'listen: 7001', 'listen: 7002'],
    ['the AMQP address', '7100', '7200'],
    ['delivery', 'for: shop }', 'for: shop, address: x, delivery: { max_unsettled: 3 } }'],
    ['limits of connections', '7001', '7001\n        limits: { max_connections: 2 }'],
    ['a default that is written out', '5s }', '5s, idle_timeout: 30s }'],
    ['the state folder', 'name: test', 'name: test\nstate: { dir: x }'],
  ])('does not count %s', (_, from, to) => {
    expect(edited(from, to)).toEqual([]);
  });

  test('sees into lists of named fields, in whatever order these are written', () => {
    const pairs = (key: string) =>
      flowOf(
        TEXT.replace(
          'operators:',
          `operators:\n  pairs: { type: join, left: orders, right: large, key: ${key}, within: 1m, fields: { id: left.id } }`,
        ),
      ).topology;
    const before = pairs('[id, { left: region, right: region }]');
    const other = pairs('[id, { left: amount, right: amount }]');
    expect(flowDifference(before, other).length).toBe(1);
    expect(flowFingerprint(before)).not.toBe(flowFingerprint(other));
    const same = pairs('[id, { right: region, x_note: ours, left: region }]');
    expect(flowFingerprint(before)).toBe(flowFingerprint(same));
  });
});
