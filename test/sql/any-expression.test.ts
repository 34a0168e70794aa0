/** Random expressions of every type: each is refused or runs, and what runs does not depend on how it is run. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyse } from '../../src/sql/analyse.ts';
import { compile } from '../../src/sql/program.ts';
import { share } from '../tools/campaign.ts';
import { batchOf, Chance, randomRows, SCOPE, valueAt } from './table.ts';

/** What gives a value of each type; the name of a type stands for any expression of it. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  boolean: [
    ...['b', 'c', 'TRUE', 'FALSE', 'NOT boolean', 'boolean AND boolean', 'boolean OR boolean'],
    ...['long < long', 'long = double', 'double >= double', 'string <> string', 'string < string'],
    ...['timestamp <= timestamp', 'boolean <=> boolean', 'string IS DISTINCT FROM string'],
    ...['long IS NULL', 'texts IS NOT NULL', 'boolean IS TRUE', 'boolean IS NOT FALSE'],
    ...['long BETWEEN long AND double', 'string IN (string, string)', 'contains(string, string)'],
    ...['exists(texts, x -> x < string)', 'exists(texts, x -> boolean)'],
    ...['array_contains(texts, string)', 'isnull(struct(long, string))'],
    ...["regexp_like(string, '[ab]+,')", 'isnull(texts)', 'isnotnull(string)', 'isnan(double)'],
    ...[
      'least(boolean, boolean)',
      'startswith(string, string)',
      'CAST(string AS BOOLEAN)',
      'CAST(long AS BOOLEAN)',
    ],
  ],
  long: [
    ...['l', 'm', 'n', 'r.a', 'ns[0]', '0', '-1', '7', '2147483648', '-long', 'long + long'],
    ...['long - long', 'long * long', 'long % long', 'long DIV long', 'abs(long)', 'floor(double)'],
    ...['ceil(double)', 'round(long, -1)', 'length(string)', 'size(texts)', 'hour(timestamp)'],
    ...["from_json(to_json(named_struct('a', long)), 'a BIGINT').a", 'crc32(string)'],
    ...['array(long, long)[0]', 'array_position(texts, string)', 'size(array(texts, texts))'],
    ...["named_struct('x', string, 'y', long).y", 'sort_array(array(long, long, 3))[1]'],
    ...['pmod(long, long)', 'bround(long, -1)'],
    ...['octet_length(string)', 'instr(string, string)', 'locate(string, string, long)'],
    ...['year(timestamp)', 'day(timestamp)', 'second(timestamp)', 'dayofweek(timestamp)'],
    ...['unix_seconds(timestamp)', 'unix_micros(timestamp)'],
    ...['greatest(long, long, long)', 'ifnull(long, long)', 'nvl2(string, long, long)'],
    ...['CAST(string AS BIGINT)', 'CAST(double AS BIGINT)', 'CAST(timestamp AS BIGINT)'],
    ...[
      'coalesce(long, long)',
      'nullif(long, long)',
      'if(boolean, long, long)',
      'CASE long WHEN long THEN long END',
    ],
  ],
  double: [
    ...['d', 'e', '0.5', '1e300', '-0D', 'long / long', 'double + long', 'double - double'],
    ...[
      'double * double',
      'double % double',
      '-double',
      'abs(double)',
      'round(double, 1)',
      'round(double)',
    ],
    ...['sign(long)', 'bround(double, 2)', 'sqrt(double)', 'exp(double)', 'ln(double)'],
    ...['log10(double)', 'log2(long)', 'power(double, double)', 'pmod(double, double)'],
    ...['nanvl(double, long)', 'least(double, long, double)', 'nvl(double, long)'],
    ...['CAST(string AS DOUBLE)', 'CASE WHEN boolean THEN double WHEN boolean THEN long END'],
  ],
  string: [
    ...[
      's',
      'u',
      'xs[1]',
      'r.`in`',
      "''",
      "'a'",
      "'é😀'",
      'string || string',
      'lower(string)',
      'upper(string)',
    ],
    ...[
      'trim(string)',
      'concat(string, string, string)',
      'substring(string, long)',
      'substring(string, long, 2)',
    ],
    ...[
      'split_part(string, string, long)',
      'repeat(string, long % 5)',
      'texts[long]',
      'CAST(long AS STRING)',
    ],
    ...["regexp_extract(string, '(a+)(b)?', 2)", "regexp_replace(string, '[ab]', '$0-')"],
    ...["date_format(timestamp, 'yyyy MMM d HH:mm:ss.SSS')"],
    ...["get_json_object(string, '$.a[1]')", 'to_json(array(texts, texts))', 'md5(string)'],
    ...["to_json(named_struct('a', long, 'b', double, 'c', timestamp))", 'sha2(string, long)'],
    ...['base64(string)', 'unbase64(string)', "from_json(string, 'a STRING').a"],
    ...['array_join(texts, string)', 'try_element_at(texts, long)'],
    ...['ltrim(string)', 'rtrim(string)', 'left(string, long)', 'right(string, long)'],
    ...['replace(string, string, string)', 'translate(string, string, string)'],
    ...['lpad(string, long % 9, string)', 'rpad(string, 7)', 'reverse(string)', 'initcap(string)'],
    ...['concat_ws(string, string, texts)'],
    ...['greatest(string, string)', 'least(string, trim(string), string)'],
    ...['CAST(double AS STRING)', 'CAST(timestamp AS STRING)', 'coalesce(string, string)'],
    ...[
      'nullif(string, string)',
      'if(boolean, string, trim(string))',
      'CASE WHEN boolean THEN string ELSE string END',
    ],
  ],
  timestamp: [
    ...[
      't',
      'v',
      '_time',
      "TIMESTAMP '2026-01-01'",
      "date_trunc('month', timestamp)",
      'CAST(long AS TIMESTAMP)',
    ],
    ...[
      'timestamp + (timestamp - timestamp)',
      'coalesce(timestamp, timestamp)',
      'least(timestamp, timestamp)',
      'timestamp_millis(long)',
      'timestamp_micros(long)',
      'timestamp_seconds(double)',
      'CAST(string AS TIMESTAMP)',
    ],
  ],
  texts: [
    ...['array(string, string)', 'array_distinct(texts)', 'sort_array(texts, FALSE)'],
    ...["from_json(to_json(texts), 'ARRAY<STRING>')"],
    ...['transform(texts, x -> x || string)', 'transform(texts, (x, i) -> left(string, i))'],
    ...['filter(texts, x -> x <> string)', 'filter(texts, (x, i) -> i < long OR boolean)'],
    ...['slice(texts, long, long)', 'flatten(array(texts, texts))', 'array(texts)[0]'],
    'xs',
    "split(string, ',')",
    "split(string, '[ab]+')",
  ],
};
const TYPES = Object.keys(FORMS);

const any = fc.letrec<Record<string, string>>((tie) => {
  const gap = new RegExp(`\\b(?:${TYPES.join('|')})\\b`, 'g');
  const filled = (form: string): fc.Arbitrary<string> => {
    const gaps = form.match(gap) ?? [];
    return fc.tuple(...gaps.map((type) => tie(type))).map((parts) => {
      let next = 0;
      return form.replace(gap, () => `(${parts[next++]})`);
    });
  };
  const leaf = (form: string): boolean => form.match(gap) === null;
  return Object.fromEntries(
    TYPES.map((type) => {
      const forms = FORMS[type];
      const leaves = fc.constantFrom(...forms.filter(leaf));
      const inner = forms.filter((form) => !leaf(form)).map(filled);
      return [type, fc.oneof({ maxDepth: 4, depthSize: 'medium' }, leaves, ...inner)];
    }),
  );
});

const chance = new Chance(20_260_102);
const ROWS = randomRows(40, true, chance);
const WHOLE = batchOf(ROWS);
const SELECTED = [1, 2, 5, 13, 30, 39];
const PART = batchOf(ROWS, Int32Array.from(SELECTED));
const OTHER = batchOf(randomRows(70, false, chance), Int32Array.from([0, 69]));

/** The values of the selected rows, by a program that has run over something else before. */
function selectedValues(text: string): unknown[] {
  const { expression } = analyse(text, SCOPE);
  if (expression === undefined) throw new Error(`${text} was refused`);
  const program = compile(expression);
  const whole = program.evaluate(WHOLE);
  const values = SELECTED.map((row) => valueAt(whole, row));
  expect(whole.type).toBe(expression.type.kind);
  if (!expression.nullable) expect(ROWS.map((_, row) => valueAt(whole, row))).not.toContain(null);
  program.evaluate(OTHER);
  const part = program.evaluate(PART);
  expect(SELECTED.map((row) => valueAt(part, row))).toEqual(values);
  return values;
}

test.each(TYPES)(
  'any %s runs, with and without a selection, and can be part of another',
  (type) => {
    fc.assert(
      fc.property(any[type], (text) => {
        fc.pre(text.length < 2000);
        const values = selectedValues(text);
        const alone = `CASE WHEN n IS NULL THEN NULL ELSE ${text} END`;
        if (type !== 'texts') expect(selectedValues(alone)).toEqual(values);
        return true;
      }),
      { numRuns: share(400) },
    );
  },
);

test('parts of any types are refused or run', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(FORMS).flat()),
      fc.array(fc.constantFrom(...Object.values(FORMS).flat(), 'NULL'), {
        minLength: 3,
        maxLength: 3,
      }),
      (form, parts) => {
        const text = TYPES.reduce((at, type, i) => at.replaceAll(type, `(${parts[i % 3]})`), form);
        const { expression, problems } = analyse(text, SCOPE);
        if (expression !== undefined)
          return compile(expression).evaluate(PART).type === expression.type.kind;
        return (
          problems.length > 0 &&
          problems.every(({ start, end }) => start >= 0 && start <= end && end <= text.length)
        );
      },
    ),
    { numRuns: share(5000) },
  );
});
