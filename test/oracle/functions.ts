/**
 * How DuckDB spells each function of the expression language, over the columns of the random rows: both must
 * give the same for every row. What is left out, and why, stands here and nowhere else.
 */
export interface Spelling {
  readonly ours: string;
  /** DuckDB's text; it is ours without it. */
  readonly theirs?: string;
  /** Rows that are compared, as a condition in DuckDB's words, and why the others are not. */
  readonly only?: readonly [condition: string, because: string];
}

/** Texts without a character beyond ASCII. */
const ASCII = "s SIMILAR TO '[\\x00-\\x7f]*'";

function same(...texts: readonly string[]): readonly Spelling[] {
  return texts.map((ours) => ({ ours }));
}

export const spellings: Readonly<Record<string, readonly Spelling[]>> = {
  abs: same('abs(l)', 'abs(d)'),
  array: [
    { ours: "array(s, u, 'x')", theirs: "[s, u, 'x']" },
    { ours: 'array(l, d)', theirs: '[l, d]', only: ['isfinite(d)', 'JSON has no NaN'] },
    { ours: 'array(xs, NULL, array(s))', theirs: '[xs, NULL, [s]]' },
  ],
  array_contains: ['xs', 'ns'].map((xs) => {
    const value = xs === 'xs' ? 's' : 'l';
    return {
      ours: `array_contains(${xs}, ${value})`,
      theirs: `CASE WHEN list_contains(${xs}, ${value}) THEN TRUE WHEN ${value} IS NULL OR len(list_filter(${xs}, lambda x: x IS NULL)) > 0 THEN NULL ELSE list_contains(${xs}, ${value}) END`,
    };
  }),
  array_distinct: [
    {
      ours: 'array_distinct(xs)',
      theirs:
        'list_filter(xs, lambda x, i: list_position(xs, x) = i OR (x IS NULL AND len(list_filter(xs[:i - 1], lambda y: y IS NULL)) = 0))',
    },
  ],
  array_join: [
    {
      ours: "array_join(xs, '-')",
      theirs:
        "CASE WHEN len(list_filter(xs, lambda x: x IS NOT NULL)) = 0 THEN '' ELSE array_to_string(xs, '-') END",
    },
    {
      ours: "array_join(xs, ',', '?')",
      theirs:
        "CASE WHEN len(xs) = 0 THEN '' ELSE array_to_string(list_transform(xs, lambda x: coalesce(x, '?')), ',') END",
    },
  ],
  array_position: [
    {
      ours: 'array_position(xs, s)',
      theirs:
        'CASE WHEN s IS NOT NULL THEN CASE WHEN xs IS NOT NULL THEN coalesce(list_position(xs, s), 0) END END',
    },
  ],
  base64: [{ ours: 'base64(s)', theirs: 'base64(encode(s))' }],
  bround: [
    { ours: 'bround(l / 8)', theirs: 'round_even(l / 8, 0)' },
    { ours: 'bround(l / 4)', theirs: 'round_even(l / 4, 0)' },
  ],
  ceil: [
    {
      ours: 'ceil(d)',
      only: ['abs(d) < 9e15 AND NOT isnan(d)', 'ours is a long, theirs a double'],
    },
  ],
  coalesce: same('coalesce(l, m, n)', "coalesce(s, u, 'x')", 'coalesce(l, d)', 'coalesce(b, c)'),
  concat: [{ ours: "concat(s, '-', u)", theirs: "s || '-' || u" }],
  concat_ws: same("concat_ws(',', s, u, 'x')", "concat_ws(s, u, 'x')"),
  contains: same('contains(s, u)', "contains(s, 'b')"),
  date_trunc: same(
    "date_trunc('hour', t)",
    "date_trunc('week', t)",
    "date_trunc('quarter', t)",
  ).map((one) => ({ ...one, only: ['year(t) > 1684', 'ours has no time before 1684'] as const })),
  date_format: [
    ['yyyy-MM-dd HH:mm:ss.SSSSSS', '%Y-%m-%d %H:%M:%S.%f'],
    ["d.M.yyyy H''mm 'h'", "%-d.%-m.%Y %-H''%M h"],
    ['dd/MMM/yyyy:HH:mm:ss xx', '%d/%b/%Y:%H:%M:%S +0000'],
  ].map(([ours, theirs]) => ({
    ours: `date_format(t, '${ours.replaceAll("'", "''")}')`,
    theirs: `strftime(t, '${theirs}')`,
  })),
  day: same('day(t)'),
  dayofweek: [{ ours: 'dayofweek(t)', theirs: 'dayofweek(t) + 1' }],
  endswith: [{ ours: 'endswith(s, u)', theirs: 'suffix(s, u)' }],
  exists: [
    {
      ours: 'exists(ns, x -> x > l)',
      theirs:
        'CASE WHEN len(list_filter(ns, lambda x: x > l)) > 0 THEN TRUE WHEN len(list_filter(ns, lambda x: (x > l) IS NULL)) > 0 THEN NULL WHEN ns IS NULL THEN NULL ELSE FALSE END',
    },
  ],
  exp: same('exp(d)', 'exp(l)'),
  filter: [
    { ours: 'filter(ns, x -> x > m)', theirs: 'list_filter(ns, lambda x: x > m)' },
    { ours: 'filter(xs, (x, i) -> i % 2 = 0)', theirs: 'list_filter(xs, lambda x, i: i % 2 = 1)' },
  ],
  flatten: [
    {
      ours: 'flatten(array(xs, array(s), xs))',
      theirs: 'CASE WHEN xs IS NOT NULL THEN flatten([xs, [s], xs]) END',
    },
  ],
  floor: [
    {
      ours: 'floor(d)',
      only: ['abs(d) < 9e15 AND NOT isnan(d)', 'ours is a long, theirs a double'],
    },
  ],
  from_json: [
    {
      ours: "from_json(to_json(named_struct('a', l, 'b', s, 'c', xs)), 'a BIGINT, b STRING, c ARRAY<STRING>')",
      theirs:
        'from_json(to_json({a: l, b: s, c: xs}), \'{"a": "BIGINT", "b": "VARCHAR", "c": ["VARCHAR"]}\')',
    },
    {
      ours: "from_json('{\"x\": [' || CAST(l AS STRING) || ', null, 2.5]}', 'x ARRAY<DOUBLE>').x",
      theirs: '[l::DOUBLE, NULL, 2.5::DOUBLE]',
      only: ['l IS NOT NULL', 'what is NULL as a whole has no elements'],
    },
  ],
  get_json_object: [
    {
      ours: "get_json_object(to_json(named_struct('a', s, 'b', xs)), '$.b[1]')",
      theirs: "json_extract_string(to_json({a: s, b: xs}), '$.b[1]')",
      only: [
        'xs[2] IS NOT NULL OR len(xs) < 2 OR xs IS NULL',
        'Spark writes a null in an array as the text null',
      ],
    },
    {
      ours: "get_json_object(to_json(named_struct('a b', s, 'c', l)), '$[''a b'']')",
      theirs: "json_extract_string(to_json({'a b': s, 'c': l}), '$.\"a b\"')",
    },
  ],
  greatest: same(
    'greatest(l, m, n)',
    'greatest(d, e, l)',
    'greatest(s, u)',
    'greatest(t, v)',
    'greatest(b, c)',
  ),
  hour: same('hour(t)'),
  if: same('if(b, l, m)', "if(b, s, 'x')"),
  ifnull: same('ifnull(l, n)', "ifnull(s, 'x')"),
  initcap: [
    {
      ours: 'initcap(s)',
      theirs:
        "list_aggregate(list_transform(string_split(lower(s), ' '), lambda w: upper(w[1]) || w[2:]), 'string_agg', ' ')",
      only: [ASCII, 'theirs maps one character to one'],
    },
  ],
  instr: same('instr(s, u)', "instr(s, 'b')"),
  isnan: [{ ours: 'isnan(d)', theirs: 'coalesce(isnan(d), FALSE)' }],
  isnotnull: [{ ours: 'isnotnull(s)', theirs: 's IS NOT NULL' }],
  isnull: [{ ours: 'isnull(xs)', theirs: 'xs IS NULL' }],
  least: same('least(l, m, n)', 'least(d, e, l)', 'least(s, u)', 'least(t, v)', 'least(b, c)'),
  length: same('length(s)'),
  left: [
    {
      ours: 'left(s, l)',
      theirs: 'left(s, least(l, 1000))',
      only: ['l >= 0', 'theirs counts from the end'],
    },
  ],
  ln: [{ ours: 'ln(d)', theirs: 'CASE WHEN d > 0 THEN ln(d) END' }],
  locate: [
    { ours: "locate('b', s)", theirs: "instr(s, 'b')" },
    {
      ours: "locate('b', s, 2)",
      theirs: "CASE instr(s[2:], 'b') WHEN 0 THEN 0 ELSE instr(s[2:], 'b') + 1 END",
    },
  ],
  log10: [{ ours: 'log10(d)', theirs: 'CASE WHEN d > 0 THEN log10(d) END' }],
  log2: [{ ours: 'log2(l)', theirs: 'CASE WHEN l > 0 THEN log2(l) END' }],
  lower: [{ ours: 'lower(s)', only: [ASCII, 'theirs maps one character to one'] }],
  lpad: ["lpad(s, 3, 'xé')", "lpad(s, 0, 'x')", "lpad(s, 12, ',b')"].map((ours) => ({ ours })),
  ltrim: [{ ours: 'ltrim(s)', theirs: "ltrim(s, ' ')" }],
  md5: same('md5(s)'),
  minute: same('minute(t)'),
  month: same('month(t)'),
  named_struct: [{ ours: "named_struct('a', l, 'b', s)", theirs: '{a: l, b: s}' }],
  nanvl: [{ ours: 'nanvl(d, e)', theirs: 'CASE WHEN isnan(d) THEN e ELSE d END' }],
  nvl: [{ ours: 'nvl(s, u)', theirs: 'coalesce(s, u)' }],
  nvl2: [{ ours: 'nvl2(s, l, d)', theirs: 'CASE WHEN s IS NULL THEN d ELSE l END' }],
  nullif: same('nullif(l, m)', "nullif(s, 'a')"),
  octet_length: [{ ours: 'octet_length(s)', theirs: 'strlen(s)' }],
  pmod: [
    {
      ours: 'pmod(l, m)',
      theirs: 'CASE WHEN m > 0 THEN (l % m + m) % m ELSE l % nullif(m, 0) END',
    },
    {
      ours: 'pmod(d, 7)',
      theirs: 'CASE WHEN d % 7 < 0 THEN (d % 7 + 7) % 7 ELSE d % 7 END',
    },
  ],
  power: [
    {
      ours: 'power(d, e)',
      only: [
        '(d IS NULL OR abs(d) <> 1) AND (e IS NULL OR e <> 0)',
        'theirs has 1 for 1 to the power of NaN or Infinity',
      ],
    },
    ...same('power(d, 2)', 'power(l, 3)'),
  ],
  regexp_extract: [
    {
      ours: "regexp_extract(s, '([a-b]+),?(b)?')",
      theirs: "regexp_extract(s, '([a-b]+),?(b)?', 1)",
    },
    ...same("regexp_extract(s, '([a-b]+),?(b)?', 2)", "regexp_extract(s, '.b', 0)"),
    { ours: "regexp_extract(s, '(é|😀)a?$')", theirs: "regexp_extract(s, '(é|😀)a?$', 1)" },
  ],
  regexp_like: [
    ["'a'", "'a'"],
    ["'^a|b$'", "'^a|b$'"],
    ["r'^\\s'", "'^\\s'"],
    ["'^.$'", "'^.$'"],
  ].map(([ours, theirs]) => ({
    ours: `regexp_like(s, ${ours})`,
    theirs: `regexp_matches(s, ${theirs})`,
  })),
  // Patterns that match the empty text are left out: RE2 finds none directly behind a match, Java and V8 do.
  regexp_replace: [
    ["'b'", "'xy'", "'xy'"],
    ["'(a)(b)'", "'$2$1'", "'\\2\\1'"],
    ["'[^a-b]'", "'<$0>'", "'<\\0>'"],
    ["'(b)|,'", "'[$1]'", "'[\\1]'"],
  ].map(([pattern, ours, theirs]) => ({
    ours: `regexp_replace(s, ${pattern}, ${ours})`,
    theirs: `regexp_replace(s, ${pattern}, ${theirs}, 'g')`,
  })),
  repeat: [{ ours: 'repeat(s, l)', only: ['abs(l) < 2000', 'ours is NULL beyond 1 MiB'] }],
  replace: same("replace(s, 'b', 'xy')", "replace(s, 'ab', '')", "replace(s, '', 'x')"),
  reverse: same('reverse(s)'),
  right: [
    {
      ours: 'right(s, l)',
      theirs: 'right(s, least(l, 1000))',
      only: ['l >= 0', 'theirs counts from the beginning'],
    },
  ],
  round: [
    { ours: 'round(d)', only: ['NOT isnan(d)', 'a NaN is compared elsewhere'] },
    {
      ours: 'round(d, 2)',
      only: ['abs(d) < 1e9 AND d NOT IN (2.345, 1.005)', 'theirs rounds the binary value'],
    },
  ],
  rpad: ["rpad(s, 3, 'xé')", "rpad(s, 0, 'x')", "rpad(s, 12, ',b')"].map((ours) => ({ ours })),
  rtrim: [{ ours: 'rtrim(s)', theirs: "rtrim(s, ' ')" }],
  second: same('second(t)'),
  sha2: [
    { ours: 'sha2(s, 256)', theirs: 'sha256(s)' },
    { ours: 'sha2(s, 0)', theirs: 'sha256(s)' },
  ],
  sign: [{ ours: 'sign(d)', only: ['NOT isnan(d)', 'theirs is 0 for NaN'] }, { ours: 'sign(l)' }],
  size: [{ ours: 'size(xs)', theirs: 'len(xs)' }],
  slice: [
    ['2', '2', 'xs[2:3]'],
    ['-2', '1', 'CASE WHEN len(xs) < 2 THEN [] ELSE xs[-2:-2] END'],
    ['1', '0', 'xs[1:0]'],
  ].map(([from, count, theirs]) => ({
    ours: `slice(xs, ${from}, ${count})`,
    theirs: `CASE WHEN xs IS NOT NULL THEN ${theirs} END`,
  })),
  sort_array: [
    { ours: 'sort_array(xs)', theirs: "list_sort(xs, 'ASC', 'NULLS FIRST')" },
    { ours: 'sort_array(ns, FALSE)', theirs: "list_sort(ns, 'DESC', 'NULLS LAST')" },
  ],
  split: [
    { ours: "split(s, ',')", theirs: "string_split(s, ',')" },
    { ours: "split(s, '[,b]')", theirs: "string_split_regex(s, '[,b]')" },
  ],
  split_part: ["','", "'b'"].flatMap((by) =>
    same(`split_part(s, ${by}, 1)`, `split_part(s, ${by}, -1)`),
  ),
  sqrt: [{ ours: 'sqrt(d)', theirs: "CASE WHEN d < 0 THEN 'NaN'::DOUBLE ELSE sqrt(d) END" }],
  startswith: [{ ours: 'startswith(s, u)', theirs: 'starts_with(s, u)' }],
  struct: [{ ours: 'struct(l, s, xs)', theirs: '{l: l, s: s, xs: xs}' }],
  substring: [
    ...same('substring(s, 2)', 'substring(s, 1, 2)'),
    { ours: 'substring(s, -1)', only: ["s <> ''", 'an empty text has no last character'] },
  ],
  timestamp_micros: [{ ours: 'timestamp_micros(l)', theirs: 'make_timestamp(l)' }],
  timestamp_millis: [
    {
      ours: 'timestamp_millis(l)',
      theirs: 'CASE WHEN abs(l) < 9007199254741 THEN make_timestamp_ms(l) END',
    },
  ],
  timestamp_seconds: [
    {
      ours: 'timestamp_seconds(l)',
      theirs: 'CASE WHEN abs(l) < 9007199255 THEN make_timestamp(l * 1000000) END',
    },
    {
      ours: 'timestamp_seconds(d)',
      theirs: 'CASE WHEN abs(d) < 9007199255 THEN make_timestamp(trunc(d * 1e6)::BIGINT) END',
    },
  ],
  to_json: [
    { ours: 'to_json(xs)', theirs: 'to_json(xs)::VARCHAR' },
    {
      ours: "to_json(named_struct('a', n, 'b', array(s, 'x'), 'c', b IS NULL))",
      theirs: "to_json({a: n, b: [s, 'x'], c: b IS NULL})::VARCHAR",
    },
  ],
  transform: [
    {
      ours: "transform(xs, x -> x || '-' || s)",
      theirs: "list_transform(xs, lambda x: x || '-' || s)",
    },
    {
      ours: 'transform(ns, (x, i) -> x % 7 + i)',
      theirs: 'list_transform(ns, lambda x, i: x % 7 + i - 1)',
    },
    {
      ours: 'transform(xs, x -> transform(ns, n -> n % 5 + length(x)))',
      theirs: 'list_transform(xs, lambda x: list_transform(ns, lambda n: n % 5 + length(x)))',
    },
  ],
  translate: same(
    "translate(s, 'ab,', 'xé')",
    "translate(s, 'éa😀', 'abcd')",
    "translate(s, '', 'x')",
  ),
  trim: [{ ours: 'trim(s)', theirs: "trim(s, ' ')" }],
  try_element_at: [
    { ours: 'try_element_at(xs, 1)', theirs: 'xs[1]' },
    { ours: 'try_element_at(xs, -1)', theirs: 'xs[-1]' },
    { ours: 'try_element_at(ns, l)', theirs: 'ns[l]' },
  ],
  try_to_timestamp: [
    {
      ours: "try_to_timestamp(CAST(t AS STRING), 'yyyy-MM-dd HH:mm:ss')",
      theirs:
        "try_strptime(CASE WHEN t = date_trunc('second', t) THEN strftime(t, '%Y-%m-%d %H:%M:%S') END, '%Y-%m-%d %H:%M:%S')",
    },
  ],
  unbase64: [{ ours: 'unbase64(base64(s))', theirs: 's' }],
  unix_micros: [{ ours: 'unix_micros(t)', theirs: 'epoch_us(t)' }],
  unix_millis: [{ ours: 'unix_millis(t)', theirs: 'CAST(floor(epoch_us(t) / 1000.0) AS BIGINT)' }],
  unix_seconds: [
    { ours: 'unix_seconds(t)', theirs: 'CAST(floor(epoch_us(t) / 1000000.0) AS BIGINT)' },
  ],
  upper: [{ ours: 'upper(s)', only: [ASCII, 'theirs maps one character to one'] }],
  year: same('year(t)'),
};

/** Functions that DuckDB has nothing like, and why; their reference is a second computation in the tests. */
export const unlike: Readonly<Record<string, string>> = {
  crc32: 'there is no checksum in DuckDB; the one of zip is known from other programs',
};
