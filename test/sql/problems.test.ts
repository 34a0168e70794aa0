/** What is wrong with an expression: every slug at its exact place, all of them at once, nothing thrown. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AggregateCollector, AggregateSignature } from '../../src/sql/aggregate-call.ts';
import { analyse } from '../../src/sql/analyse.ts';
import { inputScope, type Problem, type Scope } from '../../src/sql/expression.ts';
import { readPattern } from '../../src/sql/pattern.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { share } from '../tools/campaign.ts';
import { SCOPE } from './table.ts';

/** A problem with the text it covers. */
function found(text: string, { rule, start, end, message, hint }: Problem) {
  return { rule, at: text.slice(start, end), message, hint };
}

function problems(text: string, aggregates?: AggregateCollector, scope: Scope = SCOPE) {
  const result = analyse(text, scope, aggregates);
  expect(result.expression === undefined).toBe(result.problems.length > 0);
  return result.problems.map((problem) => found(text, problem));
}

const ONE_PROBLEM: readonly (readonly [
  text: string,
  rule: string,
  at: string,
  message: RegExp,
  hint?: RegExp,
])[] = [
  ['l +', 'expression-syntax', '', /expected a value/],
  ['prise > 1', 'unknown-column', 'prise', /no field "prise"/, /there are: b, c, l/],
  ['S = u', 'unknown-column', 'S', /no field "S"/, /did you mean/],
  ['records.zz > 1', 'unknown-column', 'zz', /no field "zz"/, /there are: b, c/],
  ['elsewhere.l > 1', 'unknown-column', 'elsewhere', /no field "elsewhere"/],
  ['r.inn', 'unknown-column', 'inn', /the struct has no field "inn"/, /did you mean "in"/],
  ['lenght(s)', 'unknown-function', 'lenght', /no function "lenght"/, /did you mean "length"/],
  ['zzzzz(s)', 'unknown-function', 'zzzzz', /no function/, /roundabout list functions/],
  ['length(s, u)', 'wrong-arity', 'length(s, u)', /length takes 1 argument, not 2/],
  ['substring(s)', 'wrong-arity', 'substring(s)', /substring takes 2 to 3 arguments, not 1/],
  ['concat()', 'wrong-arity', 'concat()', /concat takes 1 or more arguments, not 0/],
  [
    'length(l)',
    'type-mismatch',
    'l',
    /first argument of length is a string, not a long/,
    /AS STRING/,
  ],
  ["s + 'x'", 'type-mismatch', 's', /\+ takes numbers, not a string/, /\|\| to join texts/],
  ['l + s', 'type-mismatch', 's', /\+ takes numbers, not a string/, /AS DOUBLE/],
  ['t + 1', 'type-mismatch', 't', /\+ takes numbers, not a timestamp/],
  ['d DIV 2', 'type-mismatch', 'd', /DIV takes longs, not a double/, /AS BIGINT/],
  ['s || l', 'type-mismatch', 'l', /\|\| joins texts, not a long/, /AS STRING/],
  ["l = 'x'", 'type-mismatch', "l = 'x'", /a long can't be compared with a string/, /CAST/],
  ["l IN (1, 'x')", 'type-mismatch', "'x'", /can't be compared/],
  ['l AND b', 'type-mismatch', 'l', /must be TRUE or FALSE, not a long/, /AS BOOLEAN/],
  ['NOT s', 'type-mismatch', 's', /must be TRUE or FALSE, not a string/],
  ['-s', 'type-mismatch', 's', /- takes a number, not a string/],
  [
    "CASE WHEN b THEN l ELSE 'x' END",
    'type-mismatch',
    "'x'",
    /CASE gives a long before and a string here/,
  ],
  ["if(b, l, 'x')", 'type-mismatch', "'x'", /if mixes a long and a string/],
  ['NULL', 'type-mismatch', 'NULL', /bare NULL has no type/, /CAST\(NULL AS/],
  ['coalesce(NULL, NULL)', 'type-mismatch', 'NULL', /all values of coalesce are NULL/],
  ['s[0]', 'type-mismatch', 's', /only an array has elements, not a string/],
  ['xs[s]', 'type-mismatch', 's', /an index is a long, not a string/],
  ['s.a', 'type-mismatch', 'a', /a string has no fields/],
  ['CAST(l AS INT)', 'type-mismatch', 'INT', /no type INT/, /write BIGINT/],
  ['CAST(l AS STRNG)', 'type-mismatch', 'STRNG', /no type STRNG/, /write STRING/],
  [
    'CAST(b AS TIMESTAMP)',
    'type-mismatch',
    'CAST(b AS TIMESTAMP)',
    /a boolean can't become a timestamp/,
  ],
  [
    'CAST(xs AS STRING)',
    'type-mismatch',
    'CAST(xs AS STRING)',
    /array<string> can't become a string/,
  ],
  ["date_trunc('houre', t)", 'type-mismatch', "'houre'", /no unit 'houre'/, /did you mean 'hour'/],
  [
    "date_format(t, 'yyyy-mm-DD')",
    'pattern-not-supported',
    "'yyyy-mm-DD'",
    /"DD" is no part/,
    /dd HH/,
  ],
  [
    "date_format(t, 'HH[:mm]')",
    'pattern-not-supported',
    "'HH[:mm]'",
    /"\[" means itself only in quotes/,
  ],
  ['date_format(t, s)', 'not-constant', 's', /pattern of date_format must be a text/],
  ["year('2026')", 'type-mismatch', "'2026'", /first argument of year is a timestamp/],
  ['timestamp_millis(d)', 'type-mismatch', 'd', /is a long, not a double/, /AS BIGINT/],
  ['size(s)', 'type-mismatch', 's', /first argument of size is an array/],
  ['split(s, u)', 'not-constant', 'u', /pattern of split must be a text in the expression/],
  ['date_trunc(s, t)', 'not-constant', 's', /unit of date_trunc must be a text/],
  ['round(d, l)', 'not-constant', 'l', /places of round must be a number in the expression/],
  ['sum(l) > 1', 'not-allowed-here', 'sum(l)', /sum is an aggregate/, /type aggregate/],
  ['COUNT(*)', 'not-allowed-here', 'COUNT(*)', /count is an aggregate/],
  ['percentile(l, 0.5)', 'not-allowed-here', 'percentile(l, 0.5)', /is an aggregate/],
  ['length(DISTINCT s)', 'not-allowed-here', 'DISTINCT', /length is no aggregate/],
  ["split(s, '(?=a)')", 'pattern-not-supported', "'(?=a)'", /looks around/],
  ["split(s, '')", 'pattern-not-supported', "''", /finds the empty text/],
  ['9223372036854775808', 'literal-range', '9223372036854775808', /64 bits/],
  ['-9223372036854775809', 'literal-range', '-9223372036854775809', /64 bits/],
  ['1e999', 'literal-range', '1e999', /no double is as large/],
  [
    "TIMESTAMP '2026-02-30'",
    'literal-range',
    "TIMESTAMP '2026-02-30'",
    /no time between 1684 and 2255/,
  ],
  [
    `${'('.repeat(70)}l${')'.repeat(70)}`,
    'expression-limit',
    `${'('.repeat(70)}l${')'.repeat(70)}`,
    /nested deeper than 64/,
  ],
  [`'${'x'.repeat(5000)}'`, 'expression-limit', `'${'x'.repeat(5000)}'`, /longer than 4096 bytes/],
  [
    '9007199254740992',
    'not-yet-supported',
    '9007199254740992',
    /beyond 2\^53 - 1/,
    /9007199254740992D/,
  ],
  ['-9223372036854775808', 'not-yet-supported', '-9223372036854775808', /beyond 2\^53 - 1/],
  ["s LIKE 'a%'", 'not-yet-supported', "s LIKE 'a%'", /LIKE can't be run yet/],
  ['map_keys(s)', 'not-yet-supported', 'map_keys', /map_keys can't be run yet/],
  ['t - INTERVAL 1 DAY', 'not-yet-supported', 'INTERVAL 1 DAY', /INTERVAL literal/],
  ['xs = xs', 'not-yet-supported', 'xs = xs', /an array<string> can't be compared/],
  ['coalesce(xs, xs)', 'not-yet-supported', 'xs', /coalesce can't give an array<string> yet/],
  ['_raw', 'not-yet-supported', '_raw', /_raw can't be read yet/],
];

describe('one cause is one problem, at its place', () => {
  test.each(ONE_PROBLEM)('%s', (...[text, rule, at, message, hint]) => {
    const all = problems(text);
    expect(all).toMatchObject([{ rule, at }]);
    expect(all[0].message).toMatch(message);
    if (hint !== undefined) expect(all[0].hint).toMatch(hint);
  });

  test('a name that two inputs have', () => {
    const scope: Scope = { find: () => 'ambiguous', names: ['id'] };
    expect(problems('1 + id', undefined, scope)).toMatchObject([
      { rule: 'ambiguous-column', at: 'id' },
    ]);
    expect(problems('1 + id', undefined, scope)[0].hint).toMatch(/left\.id or right\.id/);
  });
});

test('all problems are told at once, in the order of the text', () => {
  const text = "lenght(zz) > 1 AND l = 'x' AND length(l) IN (q, 1)";
  expect(problems(text).map(({ rule, at }) => [rule, at])).toEqual([
    ['unknown-function', 'lenght'],
    ['type-mismatch', "l = 'x'"],
    ['type-mismatch', 'l'],
    ['unknown-column', 'q'],
  ]);
  expect(problems('substring(zz) + yy').map(({ at }) => at)).toEqual(['zz', 'substring(zz)', 'yy']);
});

test('an expression says which columns it reads', () => {
  const reads = (text: string): number[] => [...(analyse(text, SCOPE).expression?.reads ?? [])];
  expect(reads('l > 1 AND (l < m OR s IS NULL)').sort()).toEqual([2, 3, 7]);
  expect(reads('_time = _ingest_time')).toEqual([]);
  expect(reads('1 + 1')).toEqual([]);
});

test('constant parts are computed before anything runs', () => {
  const node = analyse("l > 60 * 60 AND s = upper('a' || 'b')", SCOPE).expression?.node;
  const values: unknown[] = [];
  const visit = (at: typeof node): void => {
    if (at?.kind === 'constant') values.push(at.value);
    if (at?.kind === 'apply') at.args.forEach(visit);
  };
  visit(node);
  expect(values).toEqual([3600, 'AB']);
});

describe('aggregates', () => {
  const signature = (name: string, minArgs: number, maxArgs = 1): AggregateSignature => ({
    name,
    doc: '',
    minArgs,
    maxArgs,
    share: maxArgs === 2,
    result: ([type]) =>
      type?.kind === 'string' && name === 'sum'
        ? { problem: 'sum adds numbers, not a string' }
        : { type: LONG, nullable: name === 'sum' },
  });

  type Call = Parameters<AggregateCollector['add']>[0];
  function collector(): AggregateCollector & { readonly calls: Call[] } {
    const calls: Call[] = [];
    return {
      calls,
      signatures: new Map([
        ['count', signature('count', 0)],
        ['sum', signature('sum', 1)],
        ['percentile', signature('percentile', 2, 2)],
      ]),
      inner: SCOPE,
      add: (call) => ({ from: 'column', index: 9 + calls.push(call) }),
    };
  }
  const keys = inputScope('groups', { fields: [{ name: 'key', type: STRING, nullable: false }] });

  test('are taken out, and their results are read where they were', () => {
    const aggregates = collector();
    const { expression } = analyse('sum(l * 2) / count(*) > length(key)', keys, aggregates);
    expect([...(expression?.reads ?? [])]).toEqual([10, 11, 0]);
    expect(aggregates.calls).toMatchObject([
      { signature: { name: 'sum' }, args: [{ text: 'l * 2', type: { kind: 'long' } }] },
      { signature: { name: 'count' }, args: [] },
    ]);
    expect([...aggregates.calls[0].args[0].reads]).toEqual([2]);
  });

  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    ['sum(l) + l', 'unknown-column', 'l', /one value a record, not one a group/],
    ['sum(key)', 'unknown-column', 'key', /no field "key"/],
    ['sum(size(filter(xs, x -> sum(l) > 1)))', 'not-allowed-here', 'sum(l)', /inside of a lambda/],
    ['sum(sum(l))', 'not-allowed-here', 'sum(l)', /inside of another aggregate/],
    ['sum(DISTINCT l)', 'not-allowed-here', 'DISTINCT', /sum takes no DISTINCT/],
    ['count(*) FILTER (WHERE l)', 'type-mismatch', 'l', /a condition must be TRUE or FALSE/],
    ['sum(l) FILTER (WHERE count(*) > 1)', 'not-allowed-here', 'count(*)', /another aggregate/],
    ['percentile(l, m)', 'not-constant', 'm', /must be a literal/],
    ['percentile(l, 95)', 'literal-range', '95', /between 0 and 1/],
    ["percentile(l, 'a')", 'type-mismatch', "'a'", /the share is a number/],
    ['percentile(l)', 'wrong-arity', 'percentile(l)', /percentile takes 2 arguments, not 1/],
    ['sum(*)', 'wrong-arity', 'sum(*)', /sum takes 1 argument, not 0/],
    ['count()', 'wrong-arity', 'count()', /count takes 1 argument, not 0/],
    ['sum(l, m)', 'wrong-arity', 'sum(l, m)', /sum takes 1 argument, not 2/],
    ['sum(s)', 'type-mismatch', 's', /sum adds numbers/],
    ['sum(NULL)', 'type-mismatch', 'NULL', /bare NULL/],
  ];
  test.each(wrong)('%s', (text, rule, at, message) => {
    const all = problems(text, collector(), keys);
    expect(all).toMatchObject([{ rule, at }]);
    expect(all[0].message).toMatch(message);
  });
});

describe('patterns', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['(?=a)', /looks around/],
    ['(?<!a)', /looks around/],
    ['(?<n>a)', /names a group/],
    ['(?i)a', /sets a flag/],
    ['(a)\\1', /\\1 is not in the language/],
    ['\\bword', /\\b is not in the language/],
    ['\\p{L}', /\\p is not in the language/],
    ['(a+)+', /repeats what has alternatives or repeats/],
    ['(a|b*){2,}', /repeats what has alternatives or repeats/],
    ['(a|a)*', /\[ab\] repeats well/],
    ['(a?){2}', /repeats what has alternatives or repeats/],
    ['a++', /repeats a repetition/],
    ['a**', /repeats a repetition/],
    ['^*', /repeats an anchor/],
    ['a{1001}', /more than 1000/],
    ['a{3,2}', /at least more often/],
    ['a{', /\\{ for a brace/],
    ['(a', /not closed/],
    ['a)', /not open/],
    ['[a', /not closed/],
    ['[a[b]]', /bracket inside/],
    ['[a&&b]', /cuts one class/],
    ['[z-a]', /upside down/],
    ['*a', /write \\\*/],
    ['a\\', /not in the language/],
    ['('.repeat(100), /more than 50 groups/],
  ];
  test.each(refused)('%s', (text, why) => {
    const result = readPattern(text);
    expect('why' in result ? result.why : 'accepted').toMatch(why);
  });

  test('any text is a pattern or says why not', () => {
    const pieces = fc.constantFrom(
      ...'ab.^$|?*+()[]{}\\-&1,:=!<dwsS é😀'.split(''),
      '(?:',
      '\\d',
      '{2,3}',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const result = readPattern(parts.join(''));
        if ('why' in result) return result.why.length > 0;
        return result.literal === undefined || result.literal.replace(result.regexp, '') === '';
      }),
      { numRuns: share(5000) },
    );
  });
});
