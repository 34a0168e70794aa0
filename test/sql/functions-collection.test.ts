/** Functions that make arrays and structs and look into them, against their meaning, row by row. */
import { describe, expect, test } from '@jest/globals';
import { analyse } from '../../src/sql/analyse.ts';
import { typeText } from '../../src/stream/schema.ts';
import { differences, expressionOf, SCOPE, type Value } from './table.ts';

/** A function that is NULL where an argument is. */
function strict(f: (...args: never) => Value): (...args: readonly Value[]) => Value {
  return (...args) => (args.includes(null) ? null : f(...(args as never)));
}

/** NULL first, NaN last, texts by bytes. */
function order(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return Number(Number(a) > Number(b)) - Number(Number(a) < Number(b));
}

describe('making', () => {
  test('an array of values of any one type', () => {
    expect(differences('array(l, m, 7)', ({ l, m }) => [l, m, 7])).toEqual([]);
    expect(
      differences('array(s, NULL, trim(s))', ({ s }) => [
        s,
        null,
        s && String(s).replace(/^ +| +$/g, ''),
      ]),
    ).toEqual([]);
    expect(differences('array(b, c)', ({ b, c }) => [b, c])).toEqual([]);
    expect(differences('array(t, v)', ({ t, v }) => [t, v])).toEqual([]);
    expect(differences('array(l, d)[0]', ({ l }) => l)).toEqual([]);
    expect(differences('array(n, n)[1]', ({ n }) => n)).toEqual([]);
    expect(typeText(expressionOf('array(l, 0.5)').type)).toBe('array<double>');
  });

  test('an array of arrays and of structs', () => {
    expect(differences('array(xs, NULL, array(s))', ({ xs, s }) => [xs, null, [s]])).toEqual([]);
    expect(differences('array(array(l), array(m, n))[1]', ({ m, n }) => [m, n])).toEqual([]);
    expect(
      differences('array(r, r)[1].a', ({ r }) => (r as { a: Value } | null)?.a ?? null),
    ).toEqual([]);
    const text = "array(struct(s, l), named_struct('s', u, 'l', m))[1]";
    expect(differences(`${text}.l`, ({ m }) => m)).toEqual([]);
    expect(differences(`${text}.s`, ({ u }) => u)).toEqual([]);
  });

  test('a struct takes the names of fields, else places', () => {
    expect(typeText(expressionOf("struct(l, r.a, s || 'x', 1)").type)).toBe(
      'struct<l: long, a: long, col3: string, col4: long>',
    );
    expect(typeText(expressionOf('struct(records.l, xs[0])').type)).toBe(
      'struct<l: long, col2: string>',
    );
    expect(
      differences("struct(l, s || 'x').col2", ({ s }) => (s === null ? null : `${s}x`)),
    ).toEqual([]);
    expect(differences('struct(xs, d).d', ({ d }) => d)).toEqual([]);
    expect(differences('struct(struct(l).l)', ({ l }) => ({ 0: l }))).toEqual([]);
  });

  test('a named struct', () => {
    expect(typeText(expressionOf("named_struct('x', l, 'y z', NULL IS NULL)").type)).toBe(
      'struct<x: long, y z: boolean>',
    );
    expect(differences("named_struct('x', l, 'y', s).y", ({ s }) => s)).toEqual([]);
    expect(differences("named_struct('x', l, 'y', xs)", ({ l, xs }) => ({ 0: l, 1: xs }))).toEqual(
      [],
    );
  });
});

describe('looking', () => {
  const at = strict((xs: Value[], n: number) =>
    n === 0 ? null : (xs.at(n > 0 ? n - 1 : n) ?? null),
  );
  test('try_element_at counts from 1, and from the end', () => {
    for (const n of [0, 1, 2, 3, 4, -1, -2, -4]) {
      expect(differences(`try_element_at(xs, ${n})`, (row) => at(row.xs, n))).toEqual([]);
    }
    expect(differences('try_element_at(ns, l)', (row) => at(row.ns, row.l))).toEqual([]);
  });

  const contains = strict((xs: Value[], x: Value) => {
    if (xs.some((one) => one !== null && order(one, x) === 0)) return true;
    return xs.includes(null) ? null : false;
  });
  const position = strict(
    (xs: Value[], x: Value) => xs.findIndex((one) => one !== null && order(one, x) === 0) + 1,
  );
  test('array_contains and array_position', () => {
    for (const [f, value] of [
      ['array_contains', contains],
      ['array_position', position],
    ] as const) {
      expect(differences(`${f}(xs, s)`, (row) => value(row.xs, row.s))).toEqual([]);
      expect(differences(`${f}(xs, 'b')`, (row) => value(row.xs, 'b'))).toEqual([]);
      expect(differences(`${f}(ns, l)`, (row) => value(row.ns, row.l))).toEqual([]);
      expect(differences(`${f}(array(d, 1.5), e)`, ({ d, e }) => value([d, 1.5], e))).toEqual([]);
      expect(differences(`${f}(array(b, c), TRUE)`, ({ b, c }) => value([b, c], true))).toEqual([]);
      expect(differences(`${f}(xs, NULL)`, () => null)).toEqual([]);
    }
  });
});

describe('rearranging', () => {
  const distinct = strict((xs: Value[]) =>
    xs.filter((x, i) => xs.findIndex((y) => order(x, y) === 0) === i),
  );
  test('array_distinct keeps the first of what is equal', () => {
    expect(differences('array_distinct(xs)', (row) => distinct(row.xs))).toEqual([]);
    expect(differences('array_distinct(ns)', (row) => distinct(row.ns))).toEqual([]);
    expect(
      differences('array_distinct(array(d, e, 1.0, d, NULL, -e))', ({ d, e }) =>
        distinct([d, e, 1, d, null, e === null ? null : -e]),
      ),
    ).toEqual([]);
    expect(
      differences('array_distinct(array(b, c, b))', ({ b, c }) => distinct([b, c, b])),
    ).toEqual([]);
  });

  const sorted = strict((xs: Value[]) => [...xs].sort(order));
  const turned = strict((xs: Value[]) => [...xs].sort(order).reverse());
  test('sort_array has NULL first, or last if it is turned around', () => {
    for (const xs of ['xs', 'ns'] as const) {
      expect(differences(`sort_array(${xs})`, (row) => sorted(row[xs]))).toEqual([]);
      expect(differences(`sort_array(${xs}, TRUE)`, (row) => sorted(row[xs]))).toEqual([]);
      expect(differences(`sort_array(${xs}, FALSE)`, (row) => turned(row[xs]))).toEqual([]);
    }
    expect(
      differences('sort_array(array(d, NULL, e, 7.5))', ({ d, e }) => sorted([d, null, e, 7.5])),
    ).toEqual([]);
    expect(
      differences('sort_array(array(b, c, TRUE))', ({ b, c }) => sorted([b, c, true])),
    ).toEqual([]);
  });

  const slice = strict((xs: Value[], from: number, count: number) => {
    if (from === 0 || count < 0) return null;
    const skip = from > 0 ? from - 1 : xs.length + from;
    return skip < 0 ? [] : xs.slice(skip, skip + count);
  });
  test('slice', () => {
    for (const from of [0, 1, 2, 3, 9, -1, -2, -9]) {
      for (const count of [-1, 0, 1, 2, 2 ** 52]) {
        expect(
          differences(`slice(xs, ${from}, ${count})`, (row) => slice(row.xs, from, count)),
        ).toEqual([]);
      }
    }
    expect(
      differences('slice(ns, l % 3, m)', ({ ns, l, m }) =>
        slice(ns, l === null ? null : Number(l) % 3, m),
      ),
    ).toEqual([]);
  });

  test('flatten is NULL where an array in it is', () => {
    const flat = (...parts: Value[]): Value =>
      parts.includes(null) ? null : (parts.flat() as Value[]);
    expect(
      differences('flatten(array(xs, array(s), xs))', ({ xs, s }) => flat(xs, [s], xs)),
    ).toEqual([]);
    expect(
      differences('flatten(array(ns, slice(ns, 2, 9)))', ({ ns }) =>
        flat(ns, ns === null ? null : (ns as Value[]).slice(1)),
      ),
    ).toEqual([]);
    expect(
      differences(
        'flatten(array(array(r), array(r)))[1].a',
        ({ r }) => (r as { a: Value } | null)?.a ?? null,
      ),
    ).toEqual([]);
  });

  const join = (between: Value, instead?: Value) =>
    strict((xs: Value[]) =>
      xs
        .map((x) => x ?? instead ?? null)
        .filter((x) => x !== null)
        .join(String(between)),
    );
  test('array_join leaves NULLs out, or puts a text there', () => {
    expect(differences("array_join(xs, '-')", (row) => join('-')(row.xs))).toEqual([]);
    expect(
      differences('array_join(xs, s)', (row) => (row.s === null ? null : join(row.s)(row.xs))),
    ).toEqual([]);
    expect(differences("array_join(xs, '', 'é')", (row) => join('', 'é')(row.xs))).toEqual([]);
    expect(
      differences('array_join(xs, s, u)', (row) =>
        row.s === null || row.u === null ? null : join(row.s, row.u)(row.xs),
      ),
    ).toEqual([]);
    expect(differences("array_join(array('x', 'y'), repeat('z', 1048576))", () => null)).toEqual(
      [],
    );
  });
});

describe('lambdas', () => {
  type Row = Parameters<Parameters<typeof differences>[1]>[0];
  const over = (xs: Value, f: (x: Value, i: number) => Value): Value =>
    xs === null ? null : (xs as Value[]).map(f);
  const joined = (a: Value, b: Value): Value => (a === null || b === null ? null : `${a}${b}`);

  test('transform', () => {
    const cases: readonly (readonly [string, (row: Row) => Value])[] = [
      ['transform(xs, x -> x)', ({ xs }) => xs],
      ['transform(xs, x -> x || s)', ({ xs, s }) => over(xs, (x) => joined(x, s))],
      ['transform(xs, (x, i) -> i)', ({ xs }) => over(xs, (_, i) => i)],
      ['transform(xs, x -> l)', ({ xs, l }) => over(xs, () => l)],
      ['transform(xs, x -> 7)', ({ xs }) => over(xs, () => 7)],
      ['transform(ns, x -> x IS NULL)', ({ ns }) => over(ns, (x) => x === null)],
      [
        'transform(xs, x -> r)[0].a',
        ({ xs, r }) =>
          ((xs as Value[] | null)?.length ?? 0) === 0
            ? null
            : ((r as { a: Value } | null)?.a ?? null),
      ],
      ['transform(array(r), x -> x.a)[0]', ({ r }) => (r as { a: Value } | null)?.a ?? null],
      [
        "transform(xs, x -> concat_ws(',', array(x, u)))",
        ({ xs, u }) => over(xs, (x) => [x, u].filter((one) => one !== null).join(',')),
      ],
    ];
    for (const [text, reference] of cases) expect(differences(text, reference)).toEqual([]);
  });

  test('a lambda inside of a lambda sees what is around it', () => {
    expect(
      differences(
        'transform(xs, (x, i) -> transform(ns, (y, j) -> x || CAST(i + j AS STRING) || u))',
        ({ xs, ns, u }) => over(xs, (x, i) => over(ns, (_, j) => joined(joined(x, i + j), u))),
      ),
    ).toEqual([]);
    expect(
      differences('transform(xs, x -> filter(xs, y -> y = x))', ({ xs }) =>
        over(xs, (x) => (xs as Value[]).filter((y) => y !== null && y === x)),
      ),
    ).toEqual([]);
    // A name means what is nearest.
    expect(
      differences('transform(xs, l -> size(transform(ns, l -> l + 1)))', ({ xs, ns }) =>
        over(xs, () => (ns === null ? null : (ns as Value[]).length)),
      ),
    ).toEqual([]);
  });

  test('filter keeps what is TRUE', () => {
    expect(
      differences('filter(xs, x -> x > s)', ({ xs, s }) =>
        xs === null
          ? null
          : (xs as Value[]).filter((x) => x !== null && s !== null && order(x, s) > 0),
      ),
    ).toEqual([]);
    expect(
      differences('filter(ns, (x, i) -> i = 1 OR b)', ({ ns, b }) =>
        ns === null ? null : (ns as Value[]).filter((_, i) => i === 1 || b === true),
      ),
    ).toEqual([]);
    expect(
      differences('filter(array(b, c), x -> x)', ({ b, c }) => [b, c].filter((x) => x === true)),
    ).toEqual([]);
    expect(differences('filter(xs, x -> NULL)', ({ xs }) => (xs === null ? null : []))).toEqual([]);
  });

  test('exists is NULL where only a NULL could be', () => {
    const any = (xs: Value, f: (x: Value) => Value): Value => {
      if (xs === null) return null;
      const given = (xs as Value[]).map(f);
      return given.includes(true) ? true : given.includes(null) ? null : false;
    };
    expect(
      differences('exists(ns, x -> x > 1)', ({ ns }) =>
        any(ns, (x) => (x === null ? null : Number(x) > 1)),
      ),
    ).toEqual([]);
    expect(differences('exists(xs, x -> b)', ({ xs, b }) => any(xs, () => b))).toEqual([]);
    expect(differences('exists(array(b, c), x -> x)', ({ b, c }) => any([b, c], (x) => x))).toEqual(
      [],
    );
    expect(
      differences('exists(xs, x -> x IS NULL)', ({ xs }) => any(xs, (x) => x === null)),
    ).toEqual([]);
  });

  test('equal lambdas of different arrays are not mixed up', () => {
    expect(
      differences(
        "concat_ws(',', transform(xs, x -> x || s), transform(array(u), x -> x || s))",
        ({ xs, s, u }) =>
          [...((over(xs, (x) => joined(x, s)) as Value[] | null) ?? []), joined(u, s)]
            .filter((x) => x !== null)
            .join(','),
      ),
    ).toEqual([]);
  });
});

test.each([
  ['transform(xs, s)', 'type-mismatch', 's', /transform takes a lambda/],
  ['transform(s, x -> x)', 'type-mismatch', 's', /first argument of transform is an array/],
  ['transform(xs, x -> NULL)', 'type-mismatch', 'x -> NULL', /bare NULL has no type/],
  [
    'transform(xs, (x, y, z) -> x)',
    'wrong-arity',
    '(x, y, z) -> x',
    /lambda of transform has one or two names, not 3/,
  ],
  [
    'exists(xs, (x, i) -> TRUE)',
    'wrong-arity',
    '(x, i) -> TRUE',
    /lambda of exists has one name, not 2/,
  ],
  [
    'transform(xs, (x, x) -> x)',
    'ambiguous-column',
    '(x, x) -> x',
    /both names of the lambda are "x"/,
  ],
  [
    'filter(xs, x -> length(x))',
    'type-mismatch',
    'x -> length(x)',
    /lambda of filter must be TRUE or FALSE, not a long/,
  ],
  ['filter(xs, x -> y)', 'unknown-column', 'y', /no field "y"/],
  ['filter(xs, x -> x > 1)', 'type-mismatch', 'x > 1', /can't be compared/],
  ['filter(xs)', 'wrong-arity', 'filter(xs)', /filter takes 2 arguments, not 1/],
  ['length(x -> x)', 'not-allowed-here', 'x -> x', /argument of transform, filter or exists/],
  ['transform(xs, x -> sum(l))', 'not-allowed-here', 'sum(l)', /sum is an aggregate/],
  ['array(l, s)', 'type-mismatch', 's', /array mixes a long and a string/],
  ['array(NULL)', 'type-mismatch', 'NULL', /all values of array are NULL/],
  ['struct(l, l)', 'type-mismatch', 'l', /struct has two fields of the name "l"/],
  ['struct(l, NULL)', 'type-mismatch', 'NULL', /bare NULL has no type/],
  ["named_struct('a', l, 'a', m)", 'type-mismatch', 'm', /two fields of the name "a"/],
  ["named_struct('a', l, 'b')", 'wrong-arity', "'b'", /last name of named_struct has no value/],
  ['named_struct(s, l)', 'not-constant', 's', /names of named_struct must be a text/],
  ['array_contains(s, s)', 'type-mismatch', 's', /first argument of array_contains is an array/],
  ['array_contains(xs, l)', 'type-mismatch', 'l', /second argument of array_contains is a string/],
  ['array_distinct(array(r))', 'not-yet-supported', 'array(r)', /can't compare a struct</],
  ['sort_array(xs, b)', 'not-constant', 'b', /direction of sort_array must be TRUE or FALSE/],
  ['flatten(xs)', 'type-mismatch', 'xs', /first argument of flatten is an array<array/],
  ['array_join(ns, s)', 'type-mismatch', 'ns', /first argument of array_join is an array<string>/],
  ['slice(xs, 1, d)', 'type-mismatch', 'd', /third argument of slice is a long/],
])('%s is refused at its place', (text, rule, at, message) => {
  const { problems } = analyse(text, SCOPE);
  expect(problems.map((one) => [one.rule, text.slice(one.start, one.end)])).toEqual([[rule, at]]);
  expect(problems[0].message).toMatch(message);
});
