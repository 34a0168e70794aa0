/** Functions that take a pattern, against JavaScript's own expressions and by hand. */
import { describe, expect, test } from '@jest/globals';
import { analyse } from '../../src/sql/analyse.ts';
import { compile } from '../../src/sql/program.ts';
import { batchOf, differences, expressionOf, SCOPE, type Value, valueAt } from './table.ts';

function ofText(f: (s: string) => Value): (value: Value) => Value {
  return (value) => (value === null ? null : f(String(value)));
}

const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ["'(a)'", /(a)/u],
  ["'(a)(b)?'", /(a)(b)?/u],
  ["'(?:a|b)(,)'", /(?:a|b)(,)/u],
  ["'([^a]+)$'", /([^a]+)$/u],
  ["'^( *)'", /^( *)/u],
  ["'(.*)b'", /(.*)b/u],
  ["'(.*?)b'", /(.*?)b/u],
  ["'(é|😀)'", /(é|😀)/u],
  ["r'(\\s)'", /([ \t\n\v\f\r])/u],
  ["r'(\\w{2})'", /([A-Za-z0-9_]{2})/u],
];

describe.each(PATTERNS)('the pattern %s', (text, regexp) => {
  test('is found by regexp_like where it matches', () => {
    const like = ofText((s) => regexp.test(s));
    expect(differences(`regexp_like(s, ${text})`, (row) => like(row.s))).toEqual([]);
  });

  test('gives its groups to regexp_extract, the empty text without a match', () => {
    const group = (n: number) => ofText((s) => regexp.exec(s)?.[n] ?? '');
    expect(differences(`regexp_extract(s, ${text})`, (row) => group(1)(row.s))).toEqual([]);
    expect(differences(`regexp_extract(s, ${text}, 0)`, (row) => group(0)(row.s))).toEqual([]);
  });

  test('is replaced everywhere by regexp_replace', () => {
    const by = (to: string) => ofText((s) => s.replace(new RegExp(regexp, 'gu'), to));
    const f = (to: string): string => `regexp_replace(s, ${text}, ${to})`;
    expect(differences(f("''"), (row) => by('')(row.s))).toEqual([]);
    expect(differences(f("'<$1é>'"), (row) => by('<$1é>')(row.s))).toEqual([]);
    expect(differences(f("'$0$1'"), (row) => by('$&$1')(row.s))).toEqual([]);
    expect(differences(f("r'\\$\\\\'"), (row) => by('$$\\')(row.s))).toEqual([]);
  });
});

test('a pattern without a special character is a text', () => {
  const like = ofText((s) => s.includes('.b'));
  expect(
    differences("regexp_like('.b' || s, r'\\.b')", (row) => ofText(() => true)(row.s)),
  ).toEqual([]);
  expect(differences("regexp_like(s, r'\\.b')", (row) => like(row.s))).toEqual([]);
});

test('an empty match is replaced between all characters, and behind a match', () => {
  const cases = [
    ["regexp_replace('axb', 'x*', '-')", '-a--b-'],
    ["regexp_replace('a😀', '', '-')", '-a-😀-'],
    ["regexp_replace('ab', '$', '!')", 'ab!'],
    ["regexp_replace('ab', '(a)', '$12')", 'a2b'],
    ["regexp_replace('a\\nb', '.$', '')", 'a\n'],
    ["regexp_extract('a\\n', '(a)$')", ''],
  ];
  for (const [text, value] of cases) expect(differences(text, () => value)).toEqual([]);
});

test('what a replacement makes longer than 1 MiB is NULL, and the row behind it is there', () => {
  const long = 'x'.repeat(1000);
  const rows = [{ s: 'a' }, { s: 'b'.repeat(3000) }, { s: 'ab' }].map((row) => row as never);
  const column = compile(expressionOf(`regexp_replace(s, 'b', '${long}')`)).evaluate(batchOf(rows));
  expect([0, 1, 2].map((row) => valueAt(column, row))).toEqual(['a', null, `a${long}`]);
});

test.each([
  ['regexp_like(s, u)', 'not-constant', 'u', /pattern of regexp_like must be a text/],
  ["regexp_like(l, 'a')", 'type-mismatch', 'l', /first argument of regexp_like is a string/],
  ["regexp_like(s, '(?=a)')", 'pattern-not-supported', "'(?=a)'", /regexp_like can't use .* looks/],
  ["regexp_extract(s, 'a+')", 'type-mismatch', "'a+'", /has no group 1/],
  ["regexp_extract(s, '(a)', 2)", 'type-mismatch', '2', /has no group 2/],
  ["regexp_extract(s, '(a)', l)", 'not-constant', 'l', /group of regexp_extract must be a number/],
  ["regexp_replace(s, 'a', u)", 'not-constant', 'u', /replacement of regexp_replace must/],
  ["regexp_replace(s, 'a', '$1')", 'pattern-not-supported', "'$1'", /has no group 1/],
  ["regexp_replace(s, 'a', '5 $')", 'pattern-not-supported', "'5 $'", /write \\\$ for a dollar/],
  ["regexp_replace(s, 'a', r'\\')", 'pattern-not-supported', "r'\\'", /ends in a backslash/],
])('%s is refused at its place', (text, rule, at, message) => {
  const { problems } = analyse(text, SCOPE);
  expect(problems.map((one) => [one.rule, text.slice(one.start, one.end)])).toEqual([[rule, at]]);
  expect(problems[0].message).toMatch(message);
});
