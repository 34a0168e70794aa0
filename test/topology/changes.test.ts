/** What an edit would do to each element, and in which words. */
import { describe, expect, test } from '@jest/globals';
import { assignIds } from '../../src/topology/canonical.ts';
import { type Change, changesOf, isChange } from '../../src/topology/changes.ts';
import { planTopology } from '../../src/topology/planner.ts';
import type { Topology } from '../../src/topology/topology.ts';
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

function version(topology: Topology) {
  const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
  return { topology, plan: planTopology(topology, ids) };
}

function edited(from: string | RegExp, to: string): readonly Change[] {
  const text = TEXT.replace(from, to);
  expect(text).not.toBe(TEXT);
  return changesOf(version(flowOf(TEXT).topology), version(flowOf(text).topology));
}

/** `operator counts rewired: window.tumble 10s -> 20s`, with a ! where state is lost. */
function words(changes: readonly Change[]): string[] {
  return changes.filter(isChange).map(({ kind, name, was, fate, details, losesState }) => {
    const from = was === null ? '' : ` (was ${was})`;
    const why = details.length === 0 ? '' : `: ${details.join('; ')}`;
    return `${kind} ${name}${from} ${fate}${losesState ? '!' : ''}${why}`;
  });
}

describe('an edit', () => {
  test.each<[string, string | RegExp, string, string[]]>([
    ['a condition', '> 5', '> 6', ['operator large rewired: where amount > 5 -> amount > 6']],
    [
      'a codec and what it says',
      'listen: 7001\n',
      'listen: 7001\n        codec: { csv: { delimiter: ";", header: false, columns: [at, id, region, amount] } }\n',
      [
        'lane orders rewired: codec ndjson -> csv; codec.csv.columns ["at","id","region","amount"] is new; codec.csv.delimiter ";" is new; codec.csv.quote "\\"" is new; codec.csv.null "" is new',
      ],
    ],
    [
      'when a program runs',
      '  shop:\n',
      '  shop:\n    command: [node, shop.js]\n    schedule: { cron: "15 2 * * *" }\n    restart: { policy: never }\n',
      [
        'vehicle shop rewired: command none -> ["node","shop.js"]; restart.policy on_failure -> never; ' +
          'schedule.cron "15 2 * * *" is new; schedule.timezone UTC is new; schedule.overlap skip is new; ' +
          'schedule.missed skip is new; schedule.timeout none is new',
        'lane orders rewired: program started elsewhere -> started here; at_end wait -> finish; ' +
          'event_time.idle_timeout 30s -> never',
      ],
    ],
    [
      'a delay and a field',
      /amount: double(.*)\n(.*)5s/,
      'amount: long$1\n$26s',
      [
        'lane orders rewired: event_time.max_delay 5s -> 6s; fields.amount double -> long',
        'operator counts rewired: an aggregate begins anew: NULL in windows that are open',
      ],
    ],
    ['another exit', 'exits:', 'exits:\n  more: { from: large, for: shop }', ['exit more added']],
    [
      'a renamed exit that does not say so',
      'counts: { from: counts',
      'sums: { from: counts',
      ['exit counts removed', 'exit sums added'],
    ],
    [
      'a renamed exit that says so',
      'counts: { from: counts',
      'sums: { was: counts, from: counts',
      ['exit sums (was counts) rewired: address counts -> sums'],
    ],
    [
      'an operator that is gone',
      / {2}counts:\n[\s\S]*exits:\n.*\n/,
      'exits:\n  counts: { from: large, for: shop }\n',
      ['operator counts removed!', 'exit counts rewired: from counts -> large'],
    ],
    [
      'a renamed operator that says so',
      /counts:([\s\S]*)from: counts/,
      'sums:\n    was: counts$1from: sums',
      ['operator sums (was counts) rewired', 'exit counts rewired: from counts -> sums'],
    ],
    [
      'another type',
      'type: filter, from: orders, where: amount > 5',
      'type: select, from: orders, keep: all',
      ['operator large rewired: type filter -> select; where amount > 5 is gone; keep all is new'],
    ],
    [
      'who starts the vehicle',
      'shop:\n',
      'shop:\n    command: [node, shop.js]\n',
      [
        'vehicle shop rewired: command none -> ["node","shop.js"]',
        'lane orders rewired: program started elsewhere -> started here',
      ],
    ],
    [
      'limits and an address',
      'listen: 7001',
      'listen: 7002\n        limits: { max_line: 1025B, max_connections: 2 }',
      [
        'lane orders rewired: limits.max_line 1048576 bytes -> 1025 bytes; limits.max_connections 64 -> 2; listen 127.0.0.1:7001 -> 127.0.0.1:7002',
      ],
    ],
    [
      'what leaves',
      'for: shop }',
      'for: shop, fields: [n], format: json }',
      ['exit counts rewired: format map -> json; fields all -> ["n"]'],
    ],
    [
      'the bounds of a hold',
      'for: shop }',
      'for: shop, hold: { ttl: 90m, max_bytes: 1536MiB, on_full: drop_oldest } }',
      [
        'exit counts rewired: hold.ttl none -> 1h30m; hold.max_bytes 1GiB -> 1536MiB; hold.on_full block -> drop_oldest',
      ],
    ],
    [
      'what a hold keeps',
      'for: shop }',
      'for: shop, hold: { max_records: 5, keep: latest, key: [n, sum] } }',
      [
        'exit counts rewired: hold.max_records none -> 5; hold.keep all -> latest; hold.key none -> n, sum',
      ],
    ],
    [
      'the dead letter',
      'exits:',
      'dead_letter: { for: shop, hold: { max_bytes: none, ttl: 1h } }\nexits:',
      ['exit dead_letter rewired: for  -> shop; hold.ttl none -> 1h; hold.max_bytes 1GiB -> none'],
    ],
    [
      'the AMQP address',
      '7100',
      '7200',
      ['flow test restart: amqp.listen 127.0.0.1:7100 -> 127.0.0.1:7200'],
    ],
  ])('of %s', (_, from, to, sentences) => {
    expect(words(edited(from, to))).toEqual(sentences);
  });

  test.each<[string, string, string]>([
    ['a description', 'name: test', 'name: test\ndescription: of orders'],
    ['a default that is written out', '5s }', '5s, idle_timeout: 30s }'],
  ])('of %s changes nothing', (_, from, to) => {
    expect(words(edited(from, to))).toEqual([]);
  });
});
