/** Functions that look into texts, cut them and make new ones, against their meaning, row by row. */
import { describe, expect, test } from '@jest/globals';
import { analyse } from '../../src/sql/analyse.ts';
import { compile } from '../../src/sql/program.ts';
import { batchOf, differences, expressionOf, SAFE, SCOPE, type Value, valueAt } from './table.ts';

const points = (text: Value): string[] => [...String(text)];

/** A function of texts and numbers that is NULL where an argument is. */
function strict(f: (...args: never) => Value): (...args: readonly Value[]) => Value {
  return (...args) => (args.includes(null) ? null : f(...(args as never)));
}

describe('looking and cutting', () => {
  test('octet_length', () => {
    const bytes = strict((s: string) => Buffer.byteLength(s));
    expect(differences('octet_length(s)', (row) => bytes(row.s))).toEqual([]);
  });

  test('ltrim and rtrim take spaces only', () => {
    const ltrim = strict((s: string) => s.replace(/^ +/, ''));
    const rtrim = strict((s: string) => s.replace(/ +$/, ''));
    expect(differences("ltrim('  ' || s)", (row) => ltrim(row.s))).toEqual([]);
    expect(differences("rtrim(s || '  ')", (row) => rtrim(row.s))).toEqual([]);
    expect(differences('ltrim(rtrim(s)) <=> trim(s)', () => true)).toEqual([]);
  });

  const left = strict((s: string, n: number) => (n <= 0 ? '' : points(s).slice(0, n).join('')));
  const right = strict((s: string, n: number) => (n <= 0 ? '' : points(s).slice(-n).join('')));
  test.each([0, 1, 2, 3, 99, 1000, -1, SAFE, -SAFE])('left and right of %i characters', (n) => {
    expect(differences(`left(s, ${n})`, (row) => left(row.s, n))).toEqual([]);
    expect(differences(`right(s, ${n})`, (row) => right(row.s, n))).toEqual([]);
  });

  test('left and right by columns', () => {
    expect(differences('left(s, l)', (row) => left(row.s, row.l))).toEqual([]);
    expect(differences('right(s, l)', (row) => right(row.s, row.l))).toEqual([]);
  });

  const locate = strict((needle: string, s: string, from: number) => {
    if (from < 1) return 0;
    if (needle === '') return 1;
    const all = points(s);
    const begin = all.slice(0, from - 1).join('').length;
    const at = s.indexOf(needle, begin);
    return at < 0 || from > all.length ? 0 : points(s.slice(0, at)).length + 1;
  });

  test('instr and locate count characters from 1', () => {
    expect(differences('instr(s, u)', (row) => locate(row.u, row.s, 1))).toEqual([]);
    expect(differences('locate(u, s)', (row) => locate(row.u, row.s, 1))).toEqual([]);
    for (const needle of ['', 'a', 'b', 'ab', 'é', '😀', 'b,']) {
      expect(differences(`instr(s, '${needle}')`, (row) => locate(needle, row.s, 1))).toEqual([]);
      for (const from of [-1, 0, 1, 2, 3, 50, SAFE]) {
        const text = `locate('${needle}', s, ${from})`;
        expect(differences(text, (row) => locate(needle, row.s, from))).toEqual([]);
      }
    }
  });

  test('locate finds nothing from a position that is NULL', () => {
    expect(
      differences('locate(u, s, m)', (row) => (row.m === null ? 0 : locate(row.u, row.s, row.m))),
    ).toEqual([]);
    expect(differences("locate('a', s, NULL)", () => 0)).toEqual([]);
  });
});

describe('making', () => {
  test('concat_ws leaves NULLs out, in arrays too', () => {
    const join = (between: Value, ...parts: Value[]): Value =>
      between === null
        ? null
        : parts
            .flat()
            .filter((part) => part !== null)
            .join(String(between));
    expect(differences("concat_ws('-', s, u)", (row) => join('-', row.s, row.u))).toEqual([]);
    expect(
      differences('concat_ws(s, u, xs, NULL, u)', (row) => join(row.s, row.u, row.xs, row.u)),
    ).toEqual([]);
    expect(differences("concat_ws('', xs, xs)", (row) => join('', row.xs, row.xs))).toEqual([]);
    expect(differences("concat_ws(',')", () => '')).toEqual([]);
    expect(differences('concat_ws(NULL, s)', () => null)).toEqual([]);
  });

  test('replace', () => {
    const replace = strict((s: string, a: string, b: string) =>
      a === '' ? s : s.replaceAll(a, () => b),
    );
    expect(differences('replace(s, u, s)', (row) => replace(row.s, row.u, row.s))).toEqual([]);
    for (const search of ['', 'a', 'b', 'ab', ',', '😀']) {
      expect(
        differences(`replace(s, '${search}', 'é')`, (row) => replace(row.s, search, 'é')),
      ).toEqual([]);
      expect(differences(`replace(s, '${search}')`, (row) => replace(row.s, search, ''))).toEqual(
        [],
      );
    }
    expect(differences("replace('aaa', 'aa', 'b')", () => 'ba')).toEqual([]);
  });

  test('translate', () => {
    const translate = strict((s: string, from: string, to: string) =>
      points(s)
        .map((c) => {
          const at = points(from).indexOf(c);
          return at < 0 ? c : (points(to)[at] ?? '');
        })
        .join(''),
    );
    for (const [from, to] of [
      ['ab', 'ba'],
      ['ab', 'é'],
      ['', 'x'],
      ['aa', 'xy'],
      ['😀é', 'a😀z'],
    ]) {
      const text = `translate(s, '${from}', '${to}')`;
      expect(differences(text, (row) => translate(row.s, from, to))).toEqual([]);
    }
    expect(differences('translate(s, u, s)', (row) => translate(row.s, row.u, row.s))).toEqual([]);
  });

  const padded = (before: boolean) =>
    strict((s: string, n: number, pad: string) => {
      const all = points(s);
      const size = Buffer.byteLength(s) + Buffer.byteLength(pad) * (n - all.length);
      if (n <= all.length || pad === '')
        return n <= 0 && pad !== '' ? '' : all.slice(0, Math.max(0, n)).join('');
      if (size > 2 ** 30) return null;
      const filling = points(pad.repeat(n - all.length))
        .slice(0, n - all.length)
        .join('');
      return before ? filling + s : s + filling;
    });

  test.each([
    ['lpad', padded(true)],
    ['rpad', padded(false)],
  ] as const)('%s', (name, f) => {
    for (const n of [-1, 0, 1, 2, 3, 4, 7, 150]) {
      for (const pad of ['x', 'é😀', 'abc', '']) {
        expect(differences(`${name}(s, ${n}, '${pad}')`, (row) => f(row.s, n, pad))).toEqual([]);
      }
      expect(differences(`${name}(s, ${n})`, (row) => f(row.s, n, ' '))).toEqual([]);
      expect(differences(`${name}(s, ${n}, u)`, (row) => f(row.s, n, row.u))).toEqual([]);
    }
    expect(differences(`${name}(s, l % 9, NULL)`, () => null)).toEqual([]);
    expect(differences(`${name}(s, ${SAFE}, 'x')`, () => null)).toEqual([]);
    expect(
      differences(`${name}('', ${2 ** 20}, 'x') = repeat('x', ${2 ** 20})`, () => true),
    ).toEqual([]);
    expect(differences(`${name}('', ${2 ** 20 + 1}, 'x')`, () => null)).toEqual([]);
  });

  test('reverse keeps characters whole', () => {
    const reverse = strict((s: string) => points(s).reverse().join(''));
    expect(differences('reverse(s)', (row) => reverse(row.s))).toEqual([]);
  });

  test('initcap begins words between spaces with a capital', () => {
    const initcap = strict((s: string) =>
      s
        .toLowerCase()
        .split(' ')
        .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
        .join(' '),
    );
    expect(
      differences("initcap(translate(s, 'ßﬁ😀\u{10000}', ''))", (row) =>
        initcap(row.s && String(row.s).replace(/[ßﬁ😀\u{10000}]/gu, '')),
      ),
    ).toEqual([]);
    for (const [text, value] of [
      ['o-NEIL  and\tsons', 'O-neil  And\tsons'],
      ['ǆep ßa ﬁx', 'ǅep Ssa Fix'],
      ['მთა 😀a', 'მთა 😀a'],
    ]) {
      expect(differences(`initcap('${text.replace('\t', '\\t')}')`, () => value)).toEqual([]);
    }
  });

  test('what is too long is NULL, and the rows behind it are there', () => {
    const rows = [{ s: 'a' }, { s: 'b'.repeat(3000) }, { s: 'ab' }].map((row) => row as never);
    const long = 'x'.repeat(1000);
    const column = compile(expressionOf(`replace(s, 'b', '${long}')`)).evaluate(batchOf(rows));
    expect([0, 1, 2].map((row) => valueAt(column, row))).toEqual(['a', null, `a${long}`]);
    const joined = compile(
      expressionOf(`concat_ws(repeat('${long}', 1000), 'a', nullif(s, 'b'), s)`),
    );
    const both = joined.evaluate(batchOf([{ s: 'c' }, { s: 'b' }].map((row) => row as never)));
    expect([valueAt(both, 0), String(valueAt(both, 1)).length]).toEqual([null, 1_000_002]);
  });
});

test.each([
  ['left(s)', 'wrong-arity', 'left(s)', /left takes 2 arguments, not 1/],
  ['lpad(s, d)', 'type-mismatch', 'd', /second argument of lpad is a long, not a double/],
  ['concat_ws(l, s)', 'type-mismatch', 'l', /first argument of concat_ws is a string/],
  ["concat_ws(',', ns)", 'type-mismatch', 'ns', /second argument of concat_ws is a string/],
  ['replace(s, 1)', 'type-mismatch', '1', /second argument of replace is a string/],
])('%s is refused at its place', (text, rule, at, message) => {
  const { problems } = analyse(text, SCOPE);
  expect(problems.map((one) => [one.rule, text.slice(one.start, one.end)])).toEqual([[rule, at]]);
  expect(problems[0].message).toMatch(message);
});
