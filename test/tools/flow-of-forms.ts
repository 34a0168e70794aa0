/**
 * A flow with every form that an operator, a lane and an exit has, edits of each of them, and traffic that
 * brings every one of its exits records: late ones, bad ones, and rows of a table beside them.
 */
import fc from 'fast-check';
import type { Traffic } from './random-traffic.ts';

export const START = 1_767_225_600_000_000;

const LANES = `
  a:
    lanes:
      north:
        listen: 0
        fields: { id: long, word: string, at: { type: timestamp, format: epoch_ms }, ends: { type: timestamp, format: epoch_ms }, twice: { type: long, expression: id * 2 } }
        required: [id]
        event_time: { field: at, max_delay: 1s, idle_timeout: 3s }
        late_to: belated
  b:
    lanes:
      south:
        listen: 0
        codec: { csv: { delimiter: ";", null: NA } }
        fields: { id: long, word: string, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s, idle_timeout: 3s }
      road:
        listen: 0
        codec: { pattern: '^(?<word>[^ ]+) (?<id>[0-9]+)(?: (?<at>[0-9]{13}))?$' }
        fields: { word: string, id: long, at: { type: timestamp, expression: "timestamp_millis(CAST(substring(_raw, instr(_raw, '17672'), 13) AS BIGINT))" } }
        event_time: { field: at, max_delay: 2s, idle_timeout: 3s }
`;
export const OPERATORS = [
  'named: { type: lookup, from: north, key: id, kind: left, table: { file: names.csv, fields: { n: long, name: string, least: long }, key: n } }',
  'known: { type: lookup, from: south, key: [word, id], table: { file: names.csv, fields: { name: string, n: long, least: long }, key: [name, n] }, unmatched_to: unknown }',
  'tall: { type: aggregate, from: named, window: { tumble: 5s }, group_by: name, fields: { ids: collect_list(id), odd: collect_list(word) FILTER (WHERE id % 2 = 1), words: collect_set(word), mid: "percentile(id, 0.3)", spread: stddev_pop(id) } }',
  'firsts: { type: aggregate, from: south, window: { hop: 5s, every: 2s }, group_by: word, fields: { f: first(id), l: last(word), lf: last(id) FILTER (WHERE id > 6), least: "min_by(word, id)", most: "max_by(id, word) FILTER (WHERE id < 9)", d: count(DISTINCT id) FILTER (WHERE id % 3 = 0), any: bool_or(id > 11) } }',
  'stays: { type: aggregate, from: road, window: { session: 2s }, group_by: word, fields: { ids: collect_list(id), f: first(id), m: "percentile(id, 0.5)" } }',
  'counts: { type: aggregate, from: south, retention: 6s, every: 2s, emit: complete, max_groups: 2, group_by: { word: word, odd: id % 2 }, fields: { n: count(*), d: count(DISTINCT id), l: last(id) } }',
  'bounded: { type: aggregate, from: north, retention: 4s, max_groups: 8, group_by: id, fields: { n: count(*), words: collect_set(word) } }',
  'priced: { type: join, left: north, right: south, key: word, as_of: arrival, retention: 5s, kind: left, fields: { word: word, l: left.id, r: right.id } }',
  'told: { type: join, left: north, right: bounded, key: id, as_of: arrival, retention: forever, unmatched_to: untold, fields: { id: id, n: n } }',
  'dated: { type: join, left: south, right: road, key: word, as_of: event_time, retention: 6s, where: left.id >= right.id, unmatched_to: undated, fields: { word: word, l: left.id, r: right.id } }',
  'shares: { type: join, left: one, right: other, key: word, window: same, kind: full, fields: { word: word, since: window_start, n: n, m: m } }',
  'one: { type: aggregate, from: south, window: { tumble: 4s }, group_by: word, fields: { n: count(*) } }',
  'other: { type: aggregate, from: road, window: { tumble: 4s }, group_by: word, fields: { m: count(*) } }',
  'again: { type: aggregate, from: shares, window: same, fields: { n: sum(n), words: collect_list(word) } }',
  'sold: { type: join, left: north, right: south, key: word, per: left, kind: left, within: { until: ends, after: 8s }, fields: { id: left.id, n: count(*), m: max(right.id), all: collect_list(right.id) } }',
  'sought: { type: join, left: road, right: south, key: word, per: left, within: { before: 1s, after: 2s }, unmatched_to: unsought, fields: { id: left.id, f: first(right.id), l: last(right.id) FILTER (WHERE right.id > 6) } }',
  'both: { type: join, left: north, right: road, key: id, within: 3s, unmatched_to: { left: lone, right: alone }, late_to: { left: late_north, right: late_road }, fields: { id: id, l: left.word, r: right.word } }',
  'never: { type: join, left: south, right: road, key: word, kind: anti, within: 2s }',
  'some: { type: join, left: south, right: road, key: word, kind: semi, within: { after: 1s }, unmatched_to: none }',
  'ever: { type: join, left: south, right: road, key: [word, id], retention: forever, fields: { word: word, l: left.at, r: right.at } }',
  'exact: { type: select, from: road, fields: { word: word, n: "CAST(word AS BIGINT)" }, strict: [n] }',
  'first_of: { type: dedupe, from: south, key: word, within: 3s, keep: earliest, late_to: late_dup }',
  'ways: { type: route, from: plain, match: all, routes: { odd: id % 2 = 1, tall: id > 8 } }',
  'plain: { type: select, from: all, keep: [id, word] }',
  'all: { type: union, from: [slim, south, road] }',
  'slim: { type: select, from: north, keep: [id, word, at] }',
  'behind: { type: aggregate, from: ways.rest, window: { tumble: 3s }, fields: { f: first(id), ids: collect_list(id), most: "max_by(word, id)" } }',
  'after: { type: over, from: both, group_by: id, range: 2s, fields: { f: first(l), n: count(DISTINCT r), all: collect_list(r) } }',
  'lined: { type: over, from: south, group_by: word, rows: 3, retention: 4s, keep: all, fields: { mid: "percentile(id, 0.5)", f: first(id), n: count(*) FILTER (WHERE id > 6), odd: "max_by(at, id)" }, late_to: late_over }',
  'tops: { type: top, from: again, window: same, order_by: n DESC NULLS LAST, limit: 2 }',
  'best: { type: top, from: belated, window: { batch: 2s }, group_by: word, order_by: "_late_by, id", limit: 2, ties: keep, rank: place }',
  'lead: { type: top, from: both, retention: 5s, every: 2s, group_by: l, order_by: r DESC, limit: 2, rank: place }',
];
export const EXITS = [
  'named: { from: named, for: a, subject: name, properties: { id: id, least: least, site: "\'here\'" } }',
  'known: { from: known, for: a, format: text, fields: { text: "concat(word, CAST(least AS STRING))" } }',
  'unknown: { from: unknown, for: a, hold: { keep: latest, key: word } }',
  'tall: { from: tall, for: a, format: ndjson }',
  'firsts: { from: firsts, for: a }',
  'stays: { from: stays, for: a }',
  'counts: { from: counts, for: a, hold: { keep: latest, key: [word, odd] } }',
  'bounded: { from: bounded, for: a, format: json, hold: { keep: latest, key: id } }',
  'priced: { from: priced, for: a }',
  'told: { from: told, for: a }',
  'untold: { from: untold, for: a, fields: [id] }',
  'dated: { from: dated, for: a }',
  'undated: { from: undated, for: a }',
  'shares: { from: shares, for: a }',
  'again: { from: again, for: a }',
  'sold: { from: sold, for: a, format: json }',
  'sought: { from: sought, for: a }',
  'unsought: { from: unsought, for: a }',
  'both: { from: both, for: a, hold: { max_records: 5, on_full: drop_oldest } }',
  'lone: { from: lone, for: a }',
  'alone: { from: alone, for: a }',
  'late_road: { from: late_road, for: a }',
  'never: { from: never, for: a }',
  'some: { from: some, for: a }',
  'none: { from: none, for: a, hold: { max_records: 4, on_full: dead_letter } }',
  'ever: { from: ever, for: a }',
  'exact: { from: exact, for: a, properties: { n: n } }',
  'first_of: { from: first_of, for: a }',
  'late_dup: { from: late_dup, for: a }',
  'odd: { from: ways.odd, for: a }',
  'high: { from: ways.tall, for: a }',
  'behind: { from: behind, for: a }',
  'after: { from: after, for: a }',
  'lined: { from: lined, for: a }',
  'late_over: { from: late_over, for: a }',
  'tops: { from: tops, for: a }',
  'best: { from: best, for: a }',
  'lead: { from: lead, for: a, hold: { keep: latest, key: [l, place] } }',
  'belated: { from: belated, for: a, fields: { id: id, by: _late_by }, delivery: { durable: false } }',
];

export function topology(operators: readonly string[], exits: readonly string[]): string {
  const list = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('');
  return `version: 1\nname: forms\nhttp: false\namqp: { listen: 0 }\nvehicles:${LANES}operators:\n${list(operators)}exits:\n${list(exits)}`;
}

export const TOPOLOGY = topology(OPERATORS, EXITS);

export type Edit = readonly (readonly [from: string, to: string])[];

/** Edits of each form: some keep its state, some drop it. */
const EDITS: readonly Edit[] = [
  [],
  [['key: id, kind: left, table', 'key: twice, kind: inner, table']],
  [['least: long }, key: n', 'least: { type: long, source: n } }, key: n']],
  [['delimiter: ";"', 'delimiter: ","']],
  [['event_time: { field: at, max_delay: 1s', 'event_time: { field: at, max_delay: 4s']],
  [
    ['late_to: belated\n', 'late_to: late_in\n'],
    ['from: belated', 'from: late_in'],
  ],
  [
    ['max_groups: 2', 'max_groups: 3'],
    ['max_groups: 8, group_by: id', 'max_groups: 5, group_by: id'],
  ],
  [['emit: complete, max_groups: 2, ', '']],
  [
    ['collect_list(word) FILTER (WHERE id % 2 = 1)', 'collect_list(word)'],
    ['spread: stddev_pop(id)', 'spread: var_pop(id), new: "percentile(id, 0.9)"'],
  ],
  [
    ['as_of: arrival, retention: 5s', 'as_of: arrival, retention: 2s'],
    ['as_of: event_time, retention: 6s', 'as_of: event_time, retention: 9s'],
  ],
  [['where: left.id >= right.id, unmatched_to', 'unmatched_to']],
  [['within: { until: ends, after: 8s }', 'within: { after: 3s }']],
  [['m: max(right.id)', 'm: min(right.id)']],
  [['window: same, kind: full', 'window: same, kind: left']],
  [['unmatched_to: { left: lone, right: alone }', 'unmatched_to: { left: alone, right: lone }']],
  [['keep: earliest, ', '']],
  [
    ['strict: [n]', 'strict: []'],
    ['match: all', 'match: first'],
  ],
  [
    ['  shares: { type', '  pairs: { was: shares, type'],
    ['from: shares', 'from: pairs'],
  ],
  [
    ['  bounded: { type', '  after_all: { was: bounded, type'],
    ['right: bounded', 'right: after_all'],
    ['from: bounded', 'from: after_all'],
  ],
  [['from: [slim, south, road]', 'from: [road, south]']],
  [['hold: { keep: latest, key: id }', 'hold: { max_records: 3, on_full: drop_oldest }']],
  [['max_records: 5, on_full: drop_oldest', 'keep: latest, key: id']],
  [
    ['subject: name, properties: { id: id, ', 'subject: word, properties: { id: twice, '],
    ['format: ndjson', 'format: map'],
  ],
  [
    ['rows: 3', 'rows: 2'],
    ['range: 2s', 'range: 1s'],
    ['limit: 2, ties', 'limit: 1, ties'],
  ],
  [['(?<word>[^ ]+) (?<id>[0-9]+)', '(?<id>[0-9]+) (?<word>[^ ]+)']],
];

/** A text after each of some edits, not one after the other; every place that they name is there. */
export function applied(edits: readonly Edit[], text = TOPOLOGY): readonly string[] {
  return edits.map((edit) =>
    edit.reduce((before, [from, to]) => {
      const after = before.replaceAll(from, to);
      if (after === before) throw new Error(`nothing has changed: ${from}`);
      return after;
    }, text),
  );
}

export function anyEdits(maxLength: number): fc.Arbitrary<readonly Edit[]> {
  return fc.array(fc.constantFrom(...EDITS), { maxLength });
}

/** When a hold is found full depends on how long a sync takes: the log knows, another run does not. */
export function unmoved(text: string): string {
  return text.replace('on_full: dead_letter', 'on_full: drop_oldest');
}

/** Without what is held taking the place of something else, an exit holds all that came to it. */
export function unbounded(text: string): string {
  return text.replaceAll(/, hold: \{.*?\}/g, '');
}

const WORDS = ['a', 'b', 'ü', '7'];
/** Most records come within the delay of their lane; some are late, some much too late. */
const ago = fc.oneof(
  { weight: 5, arbitrary: fc.nat(1200) },
  { weight: 2, arbitrary: fc.nat(9000) },
);
const record = fc.record({ id: fc.nat(12), word: fc.constantFrom(...WORDS), ago, ends: fc.nat(3) });
const odd = (...lines: readonly string[]): fc.WeightedArbitrary<string> => ({
  weight: 1,
  arbitrary: fc.constantFrom('', ...lines),
});
export const TRAFFIC: Traffic = {
  lanes: [
    {
      name: 'north',
      line: fc.oneof(
        {
          weight: 8,
          arbitrary: record.map(({ id, word, ago, ends }) =>
            `{"id":${id},"word":"${word}","at":@${ago},"ends":${ends === 0 ? null : `@${1000 * (2 - ends)}`}}`.replace(
              '@-',
              '@',
            ),
          ),
        },
        odd('{', '{"id":1}', '{"word":"a"}', '{"id":3,"at":@0}'),
      ),
    },
    {
      name: 'south',
      line: fc.oneof(
        { weight: 8, arbitrary: record.map(({ id, word, ago }) => `@${ago};${word};${id}`) },
        odd('1;2', '@0;NA;NA', '"@5";"a;""b";5', 'x;y;z', '@7,a,1'),
      ),
    },
    {
      name: 'road',
      line: fc.oneof(
        { weight: 8, arbitrary: record.map(({ id, word, ago }) => `${word} ${id} @${ago}`) },
        odd('a', 'a 5', '5 a @0', 'a b c'),
      ),
    },
  ],
  heads: { south: 'at;word;id\n' },
  contents: [
    'n,name,least\n',
    'n,name,least\n1,a,5\n2,b,\n3,ü,7\n7,7,7\n20,a,1\n30,b,2\n',
    `n,name,least\n${Array.from({ length: 1500 }, (_, n) => `${n},${WORDS[n % 4]},${n * 2}\n`).join('')}`,
  ],
};
