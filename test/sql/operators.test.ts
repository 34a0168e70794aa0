/** Every operator against its meaning, row by row: columns, constants, NULLs, borders of the types. */
import { describe, expect, test } from '@jest/globals';
import { compile, selectTrue } from '../../src/sql/program.ts';
import {
  batchOf,
  Chance,
  DOUBLES,
  differences,
  doubleLiteral,
  expressionOf,
  LONGS,
  literal,
  type Name,
  type Row,
  randomRows,
  SAFE,
  TEXTS,
  type Value,
  valueAt,
} from './table.ts';

type Binary = (a: never, b: never) => Value;

/** NULL with any NULL. */
function strict(f: Binary): (a: Value, b: Value) => Value {
  return (a, b) => (a === null || b === null ? null : f(a as never, b as never));
}

/** A result in big integers as a long: NULL beyond a safe one. */
function long(value: bigint): number | null {
  return value > BigInt(SAFE) || value < -BigInt(SAFE) ? null : Number(value);
}

const LONG_OPERATORS: Readonly<Record<string, Binary>> = {
  '+': (a: number, b: number) => long(BigInt(a) + BigInt(b)),
  '-': (a: number, b: number) => long(BigInt(a) - BigInt(b)),
  '*': (a: number, b: number) => long(BigInt(a) * BigInt(b)),
  '/': (a: number, b: number) => (b === 0 ? null : a / b),
  '%': (a: number, b: number) => (b === 0 ? null : long(BigInt(a) % BigInt(b))),
  DIV: (a: number, b: number) => (b === 0 ? null : long(BigInt(a) / BigInt(b))),
};
const DOUBLE_OPERATORS: Readonly<Record<string, Binary>> = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => (b === 0 ? null : a / b),
  '%': (a: number, b: number) => (b === 0 ? null : a % b),
};

/** The order of the language: doubles with NaN on top, texts by bytes, FALSE before TRUE. */
function order(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x < y ? -1 : x > y ? 1 : 0;
}
const COMPARISONS: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  '=': strict((a, b) => order(a, b) === 0),
  '==': strict((a, b) => order(a, b) === 0),
  '<>': strict((a, b) => order(a, b) !== 0),
  '!=': strict((a, b) => order(a, b) !== 0),
  '<': strict((a, b) => order(a, b) < 0),
  '<=': strict((a, b) => order(a, b) <= 0),
  '>': strict((a, b) => order(a, b) > 0),
  '>=': strict((a, b) => order(a, b) >= 0),
  '<=>': same,
  'IS NOT DISTINCT FROM': same,
  'IS DISTINCT FROM': (a, b) => !same(a, b),
};

function same(a: Value, b: Value): boolean {
  return a === null || b === null ? a === b : order(a, b) === 0;
}

function and(a: Value, b: Value): Value {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

function not(a: Value): Value {
  return a === null ? null : !a;
}

function or(a: Value, b: Value): Value {
  return not(and(not(a), not(b)));
}

const DOUBLE_TEXTS: readonly (readonly [string, number])[] = DOUBLES.map((value) => [
  doubleLiteral(value),
  value,
]);
const constantsOf = (values: readonly Value[]) =>
  values.map((value) => [literal(value), value] as const);

/** All shapes of a binary operator: two columns, a constant on either side, NULL, the same column twice. */
function shapes(
  operator: string,
  f: (a: Value, b: Value) => Value,
  [left, right]: readonly [Name, Name],
  constants: readonly (readonly [string, Value])[],
): readonly unknown[] {
  return [
    ...differences(`${left} ${operator} ${right}`, (row) => f(row[left], row[right])),
    ...differences(`${left} ${operator} ${left}`, (row) => f(row[left], row[left])),
    ...differences(`${left} ${operator} NULL`, (row) => f(row[left], null)),
    ...differences(`NULL ${operator} ${left}`, (row) => f(null, row[left])),
    ...constants.flatMap(([text, value]) => [
      ...differences(`${left} ${operator} ${text}`, (row) => f(row[left], value)),
      ...differences(`${text} ${operator} ${left}`, (row) => f(value, row[left])),
    ]),
  ];
}

describe('arithmetic', () => {
  test.each(Object.keys(LONG_OPERATORS))('longs: %s', (operator) => {
    const f = strict(LONG_OPERATORS[operator]);
    expect(shapes(operator, f, ['l', 'm'], constantsOf(LONGS))).toEqual([]);
    expect(shapes(operator, f, ['n', 'n'], constantsOf(LONGS))).toEqual([]);
  });

  test.each(Object.keys(DOUBLE_OPERATORS))('doubles: %s', (operator) => {
    const f = strict(DOUBLE_OPERATORS[operator]);
    expect(shapes(operator, f, ['d', 'e'], DOUBLE_TEXTS)).toEqual([]);
  });

  test('a long beside a double becomes one', () => {
    const f = strict((a: number, b: number) => a + b);
    expect(shapes('+', f, ['d', 'l'], DOUBLE_TEXTS)).toEqual([]);
    expect(differences('d + 1', (row) => f(row.d, 1))).toEqual([]);
  });

  test('minus turns the sign, and a long is never -0', () => {
    const f = (value: Value): Value => (value === null ? null : 0 - (value as number));
    expect(differences('-l', (row) => f(row.l))).toEqual([]);
    expect(differences('- -n', (row) => row.n)).toEqual([]);
    expect(differences('-d', (row) => f(row.d))).toEqual([]);
    expect(differences('-0', () => 0)).toEqual([]);
  });

  test('times and intervals', () => {
    const minus = strict(LONG_OPERATORS['-']);
    const plus = strict(LONG_OPERATORS['+']);
    const span = (row: Row): Value => minus(row.t, row.v);
    expect(differences('t - v', span)).toEqual([]);
    expect(differences('-(t - v)', (row) => minus(0, span(row)))).toEqual([]);
    expect(differences('t + (t - v)', (row) => plus(row.t, span(row)))).toEqual([]);
    expect(differences('(t - v) + t', (row) => plus(row.t, span(row)))).toEqual([]);
    expect(differences('v - (t - v)', (row) => minus(row.v, span(row)))).toEqual([]);
    expect(
      differences('(t - v) > (v - t)', (row) => COMPARISONS['>'](span(row), minus(row.v, row.t))),
    ).toEqual([]);
  });
});

describe('comparison', () => {
  const sides: readonly (readonly [string, Name, Name, readonly (readonly [string, Value])[]])[] = [
    ['longs', 'l', 'm', constantsOf(LONGS)],
    ['longs with doubles', 'l', 'd', DOUBLE_TEXTS],
    ['doubles', 'd', 'e', DOUBLE_TEXTS],
    ['texts', 's', 'u', constantsOf(TEXTS)],
    ['booleans', 'b', 'c', constantsOf([true, false])],
    ['times', 't', 'v', [["TIMESTAMP '1970-01-01T00:00:00Z'", 0]]],
  ];
  for (const [what, left, right, constants] of sides) {
    test.each(Object.keys(COMPARISONS))(`${what}: %s`, (operator) => {
      expect(shapes(operator, COMPARISONS[operator], [left, right], constants)).toEqual([]);
    });
  }

  test('two NULLs without a type are the same, and not equal', () => {
    const cases: readonly (readonly [string, Value])[] = [
      ['NULL = NULL', null],
      ['NULL <> NULL', null],
      ['NULL <=> NULL', true],
      ['NULL IS NOT DISTINCT FROM NULL', true],
      ['NULL IS DISTINCT FROM NULL', false],
    ];
    for (const [text, value] of cases) expect(differences(text, () => value)).toEqual([]);
  });

  test('BETWEEN is two comparisons', () => {
    const between = (row: Row): Value =>
      and(COMPARISONS['>='](row.l, row.m), COMPARISONS['<='](row.l, 1000));
    expect(differences('l BETWEEN m AND 1000', between)).toEqual([]);
    expect(differences('l NOT BETWEEN m AND 1000', (row) => not(between(row)))).toEqual([]);
    expect(
      differences('d BETWEEN NULL AND 1', (row) => and(null, COMPARISONS['<='](row.d, 1))),
    ).toEqual([]);
  });

  test('IN is an OR of equalities', () => {
    const among = (value: Value, options: readonly Value[]): Value =>
      options.map((option) => COMPARISONS['='](value, option)).reduce(or);
    expect(differences('l IN (1, m, -1)', (row) => among(row.l, [1, row.m, -1]))).toEqual([]);
    expect(differences('l NOT IN (1, NULL)', (row) => not(among(row.l, [1, null])))).toEqual([]);
    expect(differences("s IN ('a', u)", (row) => among(row.s, ['a', row.u]))).toEqual([]);
    expect(differences('d IN (1, 0.5)', (row) => among(row.d, [1, 0.5]))).toEqual([]);
  });
});

describe('logic', () => {
  test('AND, OR and NOT are three-valued', () => {
    expect(shapes('AND', and, ['b', 'c'], constantsOf([true, false]))).toEqual([]);
    expect(shapes('OR', or, ['b', 'c'], constantsOf([true, false]))).toEqual([]);
    expect(differences('NOT b', (row) => not(row.b))).toEqual([]);
    expect(differences('NOT NULL', () => null)).toEqual([]);
    const chain = (row: Row): Value => and(and(row.b, COMPARISONS['<'](row.l, row.m)), not(row.c));
    expect(differences('b AND l < m AND NOT c', chain)).toEqual([]);
  });

  test('IS looks at NULL and never is', () => {
    for (const name of ['b', 'l', 's', 'xs', 'r', 'n'] as const) {
      expect(differences(`${name} IS NULL`, (row) => row[name] === null)).toEqual([]);
      expect(differences(`${name} IS NOT NULL`, (row) => row[name] !== null)).toEqual([]);
    }
    for (const [word, value] of [
      ['TRUE', true],
      ['FALSE', false],
    ] as const) {
      expect(differences(`b IS ${word}`, (row) => row.b === value)).toEqual([]);
      expect(differences(`b IS NOT ${word}`, (row) => row.b !== value)).toEqual([]);
    }
    expect(differences('NULL IS NULL', () => true)).toEqual([]);
  });

  test('CASE gives the value of the first condition that is TRUE', () => {
    const pick = (row: Row): Value => (row.b === true ? row.l : row.c === true ? row.m : null);
    expect(differences('CASE WHEN b THEN l WHEN c THEN m END', pick)).toEqual([]);
    const text = (row: Row): Value =>
      row.s === 'a' ? row.u : row.s !== null && row.s === row.u ? 'é' : row.s;
    expect(differences("CASE s WHEN 'a' THEN u WHEN u THEN 'é' ELSE s END", text)).toEqual([]);
    const flag = (row: Row): Value => (row.b === true ? row.c : false);
    expect(differences('CASE WHEN b THEN c ELSE FALSE END', flag)).toEqual([]);
    const widened = (row: Row): Value => (row.b === true ? row.l : row.d);
    expect(differences('CASE WHEN b THEN l ELSE d END', widened)).toEqual([]);
    const time = (row: Row): Value => (row.l === 1 ? row.t : row.v);
    expect(differences('CASE l WHEN 1 THEN t ELSE v END', time)).toEqual([]);
  });
});

describe('parts and hidden columns', () => {
  test('a[i] counts from 0 and is NULL outside', () => {
    const element = (list: Value, index: Value): Value =>
      list === null || index === null ? null : ((list as Value[])[index as number] ?? null);
    for (const name of ['xs', 'ns'] as const) {
      expect(differences(`${name}[1]`, (row) => element(row[name], 1))).toEqual([]);
      expect(differences(`${name}[-1]`, () => null)).toEqual([]);
      expect(differences(`${name}[l]`, (row) => element(row[name], row.l))).toEqual([]);
    }
  });

  test('a field of a struct is NULL where the struct is', () => {
    const part = (row: Row, name: 'a' | 'in'): Value =>
      (row.r as { readonly a: Value; readonly in: Value } | null)?.[name] ?? null;
    expect(differences('r.a', (row) => part(row, 'a'))).toEqual([]);
    expect(differences('records.r.`in`', (row) => part(row, 'in'))).toEqual([]);
    const sum = (row: Row): Value =>
      part(row, 'a') === null ? null : long(BigInt(part(row, 'a') as number) + 1n);
    expect(differences('r.a + 1', sum)).toEqual([]);
  });

  test('_time and _ingest_time are the record’s and the entry’s', () => {
    const rows = randomRows(5, true, new Chance(1));
    const column = compile(expressionOf('_time - _ingest_time')).evaluate(batchOf(rows));
    expect(rows.map((_, i) => valueAt(column, i))).toEqual(
      rows.map((_, i) => i * 1000 - 5_000_000),
    );
  });
});

describe('a filter', () => {
  test('lets through what is TRUE, of what was selected, in order', () => {
    const chance = new Chance(1);
    const program = compile(expressionOf('l > 0 OR b'));
    for (let round = 0; round < 50; round++) {
      const rows = randomRows(chance.whole(200), round % 2 === 0, chance);
      const positions = rows.map((_, i) => i).filter(() => chance.whole(2) === 0);
      const selection = round % 3 === 0 ? null : Int32Array.from(positions);
      const batch = batchOf(rows, selection);
      const out = new Int32Array(rows.length + 7);
      const found = selectTrue(program.evaluate(batch), batch, out);
      const passes = (row: Row): boolean => Number(row.l ?? 0) > 0 || row.b === true;
      const wanted = rows.map((_, i) => i).filter((i) => passes(rows[i]));
      expect([...out.subarray(0, found)]).toEqual(
        selection === null ? wanted : wanted.filter((i) => positions.includes(i)),
      );
    }
  });
});
