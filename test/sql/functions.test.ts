/** Every function and every cast against its meaning, row by row. */
import { describe, expect, test } from '@jest/globals';
import { functions, laterFunctions } from '../../src/sql/functions.ts';
import { compile } from '../../src/sql/program.ts';
import {
  batchOf,
  Chance,
  differences,
  expressionOf,
  type Row,
  randomRows,
  SAFE,
  type Value,
  valueAt,
} from './table.ts';

/** A function that is NULL where an argument is. */
function strict<A extends readonly Value[]>(f: (...args: never) => Value): (...args: A) => Value {
  return (...args) => (args.includes(null) ? null : f(...(args as unknown as never)));
}

function long(value: number): number | null {
  return Math.abs(value) <= SAFE ? value + 0 : null;
}

describe('the table of functions', () => {
  test.each([...functions.values()].map((f) => [f.name, f.example, f] as const))(
    '%s does what its example says',
    (name, { text, gives }, { doc, signature }) => {
      expect(text).toContain(`${name}(`);
      expect(signature).toContain(`${name}(`);
      expect(doc).toMatch(/^[A-Z].*\.$/s);
      const batch = batchOf(randomRows(1, true, new Chance(1)));
      const column = compile(expressionOf(`(${text}) <=> (${gives})`)).evaluate(batch);
      expect(valueAt(column, 0)).toBe(true);
    },
  );

  test('no function is both here and for later', () => {
    expect([...functions.keys()].filter((name) => laterFunctions.has(name))).toEqual([]);
  });

  test('names of functions ignore case', () => {
    expect(differences('LENGTH(s)', (row) => length(row.s))).toEqual([]);
  });
});

const length = strict((s: string) => [...s].length);

describe('numbers', () => {
  test('abs', () => {
    expect(differences('abs(l)', (row) => strict((l: number) => Math.abs(l))(row.l))).toEqual([]);
    expect(differences('abs(d)', (row) => strict((d: number) => Math.abs(d))(row.d))).toEqual([]);
  });

  test.each([
    ['ceil', Math.ceil],
    ['floor', Math.floor],
  ] as const)('%s gives a long, NULL where none is', (name, f) => {
    const whole = strict((d: number) => long(f(d)));
    expect(expressionOf(`${name}(d)`).type.kind).toBe('long');
    expect(differences(`${name}(d)`, (row) => whole(row.d))).toEqual([]);
    expect(differences(`${name}(l)`, (row) => row.l)).toEqual([]);
    expect(differences(`${name}(n)`, (row) => row.n)).toEqual([]);
  });

  /** By decimal digits, as a person rounds. */
  function rounded(value: number, places: number, even = false): number {
    if (!Number.isFinite(value)) return value;
    const [mantissa, exponent] = Math.abs(value).toExponential().split('e');
    const [whole, fraction = ''] = mantissa.split('.');
    // value = digits * 10^power
    const digits = BigInt(whole + fraction);
    const power = Number(exponent) - fraction.length;
    if (-power <= places) return value;
    const unit = 10n ** BigInt(Math.min(-power - places, 800));
    const tie = even && (2n * digits) % (2n * unit) === unit && (digits / unit) % 2n === 0n;
    const units = tie ? digits / unit : (2n * digits + unit) / (2n * unit);
    return Math.sign(value) * Number(`${units}e${-places}`);
  }

  test.each([0, 1, 2, 3, 15, 22, 30, 500, -1, -2, -5, -22, -400])(
    'round to %i places',
    (places) => {
      const f = strict((d: number) => rounded(d, places));
      expect(differences(`round(d, ${places})`, (row) => f(row.d))).toEqual([]);
      // Values that lie on or next to a half.
      const scaled = strict((l: number) => rounded((l / 8) * 0.01, places));
      expect(differences(`round(l / 8 * 0.01, ${places})`, (row) => scaled(row.l))).toEqual([]);
    },
  );

  test.each([0, 1, 2, 3, 15, 22, 500, -1, -2, -5, -22])(
    'bround to %i places takes the even neighbour of a half',
    (places) => {
      const f = strict((d: number) => rounded(d, places, true));
      expect(differences(`bround(d, ${places})`, (row) => f(row.d))).toEqual([]);
      const scaled = strict((l: number) => rounded((l / 8) * 0.01, places, true));
      expect(differences(`bround(l / 8 * 0.01, ${places})`, (row) => scaled(row.l))).toEqual([]);
    },
  );

  test('bround of halves', () => {
    const cases: readonly (readonly [string, number])[] = [
      ['bround(2.5)', 2],
      ['bround(3.5)', 4],
      ['bround(-2.5)', -2],
      ['bround(0.5)', 0],
      ['bround(2.50001)', 3],
      ['bround(1.005, 2)', 1],
      ['bround(1.015, 2)', 1.02],
      ['bround(25, -1)', 20],
      ['bround(35, -1)', 40],
      ['bround(9007199254740991, -1)', 9007199254740990],
      ['bround(5, -1)', 0],
    ];
    for (const [text, value] of cases) expect(differences(text, () => value)).toEqual([]);
    expect(differences('bround(l, 2)', (row) => row.l)).toEqual([]);
  });

  test.each([
    ['sign', Math.sign],
    ['sqrt', Math.sqrt],
    ['exp', Math.exp],
    ['ln', Math.log],
    ['log10', Math.log10],
    ['log2', Math.log2],
  ] as const)('%s of doubles, and of longs as doubles', (name, f) => {
    const positive = name.startsWith('l');
    const value = strict((d: number) => (positive && d <= 0 ? null : f(d)));
    expect(expressionOf(`${name}(l)`).type.kind).toBe('double');
    expect(differences(`${name}(d)`, (row) => value(row.d))).toEqual([]);
    expect(differences(`${name}(l)`, (row) => value(row.l))).toEqual([]);
    expect(differences(`${name}(NULL)`, () => null)).toEqual([]);
  });

  test('power', () => {
    const power = strict((a: number, b: number) => a ** b);
    expect(differences('power(d, e)', (row) => power(row.d, row.e))).toEqual([]);
    expect(differences('power(l, 2)', (row) => power(row.l, 2))).toEqual([]);
    expect(differences("isnan(power(1, CAST('NaN' AS DOUBLE)))", () => true)).toEqual([]);
    expect(differences('power(0, 0)', () => 1)).toEqual([]);
  });

  test('pmod is not below 0 for a divisor above it, NULL for 0', () => {
    const whole = strict((a: number, b: number) => {
      if (b === 0) return null;
      const rest = BigInt(a) % BigInt(b);
      return Number(rest < 0n ? (rest + BigInt(b)) % BigInt(b) : rest);
    });
    expect(differences('pmod(l, m)', (row) => whole(row.l, row.m))).toEqual([]);
    for (const by of [1, 3, -3, 0, 2 ** 31, SAFE, -SAFE]) {
      expect(differences(`pmod(l, ${by})`, (row) => whole(row.l, by))).toEqual([]);
    }
    const fine = strict((a: number, b: number) => {
      const rest = a % b;
      if (b === 0) return null;
      return rest < 0 ? (rest + b) % b : rest;
    });
    expect(differences('pmod(d, e)', (row) => fine(row.d, row.e))).toEqual([]);
    expect(differences('pmod(l, 2.5)', (row) => fine(row.l, 2.5))).toEqual([]);
    expect(differences('pmod(-7, -3)', () => -1)).toEqual([]);
    expect(expressionOf('pmod(l, m)').type.kind).toBe('long');
    expect(expressionOf('pmod(l, d)').type.kind).toBe('double');
  });

  test('round without places, and of longs', () => {
    const f = strict((d: number) => rounded(d, 0));
    expect(differences('round(d)', (row) => f(row.d))).toEqual([]);
    expect(differences('round(l)', (row) => row.l)).toEqual([]);
    expect(differences('round(n, 3)', (row) => row.n)).toEqual([]);
    const tens = strict((l: number) => {
      const size = (BigInt(Math.abs(l)) + 50n) / 100n;
      return long(Math.sign(l) * Number(size * 100n));
    });
    expect(differences('round(l, -2)', (row) => tens(row.l))).toEqual([]);
  });

  test('halves as people write them', () => {
    const cases: readonly (readonly [string, number])[] = [
      ['round(2.5)', 3],
      ['round(-2.5)', -3],
      ['round(0.49999999999999994)', 0],
      ['round(1.005, 2)', 1.01],
      ['round(2.675, 2)', 2.68],
      ['round(-1.005, 2)', -1.01],
      ['round(1234567.5, -1)', 1234570],
      ['round(5e-324, 400)', 5e-324],
      ['round(0.5, -1)', 0],
    ];
    for (const [text, value] of cases) expect(differences(text, () => value)).toEqual([]);
  });
});

describe('texts', () => {
  const points = (s: string): string[] => [...s];

  test('length counts code points', () => {
    expect(differences('length(s)', (row) => length(row.s))).toEqual([]);
    expect(
      differences('length(xs[0])', (row) => length((row.xs as Value[] | null)?.[0] ?? null)),
    ).toEqual([]);
  });

  test('lower and upper map all of Unicode', () => {
    const lower = strict((s: string) => s.toLowerCase());
    const upper = strict((s: string) => s.toUpperCase());
    expect(differences('lower(s)', (row) => lower(row.s))).toEqual([]);
    expect(differences('upper(s)', (row) => upper(row.s))).toEqual([]);
    expect(differences('upper(lower(s))', (row) => upper(lower(row.s)))).toEqual([]);
  });

  test('trim takes spaces only', () => {
    const trim = strict((s: string) => s.replace(/^ +/, '').replace(/ +$/, ''));
    expect(differences('trim(s)', (row) => trim(row.s))).toEqual([]);
    expect(differences("trim('  ' || s || ' ')", (row) => trim(row.s))).toEqual([]);
  });

  test('concat and || are one, NULL with a NULL', () => {
    const join = strict((a: string, b: string) => a + b);
    expect(differences('concat(s, u)', (row) => join(row.s, row.u))).toEqual([]);
    expect(differences('s || u', (row) => join(row.s, row.u))).toEqual([]);
    expect(differences("s || 'é' || s", (row) => join(join(row.s, 'é'), row.s))).toEqual([]);
    expect(differences('concat(s)', (row) => row.s)).toEqual([]);
    expect(differences('concat(s, NULL)', () => null)).toEqual([]);
  });

  const positions = [0, 1, 2, 3, 5, 99, 1000, -1, -2, -3, -99, SAFE, -SAFE];
  /** Code point i is in the window [from, from + count), counted from the front or the back. */
  const substring = strict((s: string, position: number, count: number) => {
    const all = points(s);
    const from = position > 0 ? position - 1 : position < 0 ? all.length + position : 0;
    return all.filter((_, i) => i >= from && i - from < count).join('');
  });

  test('substring with constants', () => {
    for (const position of positions) {
      const rest = (s: Value): Value => substring(s, position, Number.POSITIVE_INFINITY);
      expect(differences(`substring(s, ${position})`, (row) => rest(row.s))).toEqual([]);
      for (const count of [0, 1, 2, 5, 1000, -1, SAFE]) {
        const f = (s: Value): Value => substring(s, position, count);
        expect(differences(`substring(s, ${position}, ${count})`, (row) => f(row.s))).toEqual([]);
      }
    }
  });

  test('substring with columns', () => {
    expect(differences('substring(s, l, m)', (row) => substring(row.s, row.l, row.m))).toEqual([]);
    expect(differences('substring(s, NULL, 2)', () => null)).toEqual([]);
  });

  const searches: readonly (readonly [string, (a: string, b: string) => boolean])[] = [
    ['contains', (a, b) => a.includes(b)],
    ['startswith', (a, b) => a.startsWith(b)],
    ['endswith', (a, b) => a.endsWith(b)],
  ];
  test.each(searches)('%s', (name, f) => {
    expect(differences(`${name}(s, u)`, (row) => strict(f)(row.s, row.u))).toEqual([]);
    for (const word of ['', 'a', 'ab', 'é', '😀', 'b,']) {
      expect(differences(`${name}(s, '${word}')`, (row) => strict(f)(row.s, word))).toEqual([]);
      expect(differences(`${name}('${word}', s)`, (row) => strict(f)(word, row.s))).toEqual([]);
    }
  });

  const splitPart = strict((s: string, separator: string, n: number) => {
    if (n === 0) return null;
    const parts = separator === '' ? [s] : s.split(separator);
    return (n > 0 ? parts[n - 1] : parts[parts.length + n]) ?? '';
  });

  test('split_part', () => {
    for (const separator of [',', 'b', 'ab', '', '😀']) {
      for (const n of [0, 1, 2, 3, 4, 99, -1, -2, -4, SAFE, -SAFE]) {
        const f = (s: Value): Value => splitPart(s, separator, n);
        expect(differences(`split_part(s, '${separator}', ${n})`, (row) => f(row.s))).toEqual([]);
      }
    }
    expect(differences('split_part(s, u, l)', (row) => splitPart(row.s, row.u, row.l))).toEqual([]);
  });

  test('repeat gives nothing for less than one, NULL beyond 1 MiB', () => {
    const repeat = strict((s: string, n: number) => {
      if (n <= 0 || s === '') return '';
      return Buffer.byteLength(s) * n > 2 ** 20 ? null : s.repeat(n);
    });
    for (const n of [-1, 0, 1, 2, 7, 2 ** 40]) {
      expect(differences(`repeat(s, ${n})`, (row) => repeat(row.s, n))).toEqual([]);
    }
    expect(
      differences('repeat(u, l % 100)', (row) =>
        repeat(row.u, row.l === null ? null : (row.l as number) % 100),
      ),
    ).toEqual([]);
  });

  test('what was made for a batch is gone with the next', () => {
    const batch = batchOf(Array.from({ length: 32 }, () => ({ s: 'x'.repeat(1024) }) as never));
    const program = compile(expressionOf('repeat(s, 64)'));
    for (let round = 0; round < 100; round++) {
      expect(valueAt(program.evaluate(batch), 31)).toBe('x'.repeat(2 ** 16));
    }
  });

  test('one row may make 1 MiB, a batch a bounded amount', () => {
    const rows = Array.from({ length: 600 }, () => ({ s: 'x' }) as never);
    const column = compile(expressionOf("length(repeat(s || 'y', 524288))")).evaluate(
      batchOf(rows),
    );
    const made = rows.map((_, i) => valueAt(column, i));
    expect(made[0]).toBe(2 ** 20);
    expect(made[599]).toBeNull();
  });
});

describe('arrays', () => {
  const patterns: readonly (readonly [string, string | RegExp])[] = [
    ["','", ','],
    ["'b'", 'b'],
    ["'ab'", 'ab'],
    ["'\\\\.'", '.'],
    ["r'\\|'", '|'],
    ["r'\\s+'", /[ \t\n\v\f\r]+/u],
    ["'[,b]'", /[,b]/u],
    ["'a|,'", /a|,/u],
    ["'(?:ab)+'", /(?:ab)+/u],
    ["'(?:a|b)?,'", /(?:a|b)?,/u],
    ["'(?:a{2}|b)'", /a{2}|b/u],
    ["'(a)(b)?'", /(?:a)(?:b)?/u],
    ["'.b'", /[^\n]b/u],
    ["'😀|é'", /😀|é/u],
    ["'[^a]'", /[^a]/u],
    ["'a$'", /a$/u],
    ["'^a'", /^a/u],
    ["r'[a\\-,]'", /[a\-,]/u],
    ["'x{3}'", /x{3}/u],
  ];
  test.each(patterns)('split at %s', (pattern, by) => {
    const split = strict((s: string) => s.split(by));
    expect(differences(`split(s, ${pattern})`, (row) => split(row.s))).toEqual([]);
    const count = strict((s: string) => s.split(by).length);
    expect(differences(`size(split(s, ${pattern}))`, (row) => count(row.s))).toEqual([]);
  });

  test('size, and reading what was split', () => {
    const size = strict((xs: Value[]) => xs.length);
    expect(differences('size(xs)', (row) => size(row.xs))).toEqual([]);
    expect(differences('size(ns)', (row) => size(row.ns))).toEqual([]);
    const second = strict((s: string) => s.split(',')[1] ?? null);
    expect(
      differences(
        "upper(split(s, ',')[1])",
        (row) => second(row.s) && String(second(row.s)).toUpperCase(),
      ),
    ).toEqual([]);
  });
});

describe('choices', () => {
  test('coalesce', () => {
    expect(differences('coalesce(l, m, n)', (row) => row.l ?? row.m ?? row.n)).toEqual([]);
    expect(differences("coalesce(s, u, 'none')", (row) => row.s ?? row.u ?? 'none')).toEqual([]);
    expect(differences('coalesce(b, NULL, c)', (row) => row.b ?? row.c)).toEqual([]);
    expect(differences('coalesce(l, d)', (row) => row.l ?? row.d)).toEqual([]);
    expect(differences('coalesce(t)', (row) => row.t)).toEqual([]);
    expect(expressionOf('coalesce(l, n)').nullable).toBe(false);
    expect(expressionOf('coalesce(l, m)').nullable).toBe(true);
  });

  test('if', () => {
    expect(differences('if(b, l, m)', (row) => (row.b === true ? row.l : row.m))).toEqual([]);
    expect(differences("if(b, s, 'x')", (row) => (row.b === true ? row.s : 'x'))).toEqual([]);
    expect(
      differences('if(b, trim(s), s)', (row) =>
        row.b === true && row.s !== null ? String(row.s).replace(/^ +| +$/g, '') : row.s,
      ),
    ).toEqual([]);
    expect(differences('if(NULL, l, m)', (row) => row.m)).toEqual([]);
  });

  test('ifnull, nvl and nvl2', () => {
    for (const name of ['ifnull', 'nvl']) {
      expect(differences(`${name}(l, d)`, (row) => row.l ?? row.d)).toEqual([]);
      expect(differences(`${name}(s, 'x')`, (row) => row.s ?? 'x')).toEqual([]);
      expect(expressionOf(`${name}(l, n)`).nullable).toBe(false);
    }
    const chosen = (row: Row): Value => (row.xs === null ? row.u : row.s);
    expect(differences('nvl2(xs, s, u)', chosen)).toEqual([]);
    expect(differences('nvl2(NULL, s, u)', (row) => row.u)).toEqual([]);
  });

  test('isnull and isnotnull ask any value', () => {
    for (const name of ['b', 'd', 's', 't', 'xs', 'r'] as const) {
      expect(differences(`isnull(${name})`, (row) => row[name] === null)).toEqual([]);
      expect(differences(`isnotnull(${name})`, (row) => row[name] !== null)).toEqual([]);
    }
    expect(differences('isnull(NULL) AND NOT isnotnull(NULL)', () => true)).toEqual([]);
  });

  test('isnan and nanvl', () => {
    expect(differences('isnan(d)', (row) => Number.isNaN(row.d))).toEqual([]);
    expect(differences('isnan(l)', () => false)).toEqual([]);
    expect(differences('nanvl(d, e)', (row) => (Number.isNaN(row.d) ? row.e : row.d))).toEqual([]);
    expect(differences('nanvl(d, l)', (row) => (Number.isNaN(row.d) ? row.l : row.d))).toEqual([]);
    expect(differences('nanvl(NULL, 1)', () => null)).toEqual([]);
  });

  /** By a total order: NaN behind every number, texts by their bytes. */
  function order(a: Value, b: Value): number {
    if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return Number(a) - Number(b) || 0;
  }

  test.each([
    ['greatest', 1],
    ['least', -1],
  ])('%s skips NULL', (name, sign) => {
    const best = (...values: Value[]): Value =>
      values
        .filter((value) => value !== null)
        .reduce<Value>((a, b) => (a === null || order(b, a) * sign > 0 ? b : a), null);
    expect(differences(`${name}(l, m)`, ({ l, m }) => best(l, m))).toEqual([]);
    expect(differences(`${name}(d, l, e)`, ({ d, l, e }) => best(d, l, e))).toEqual([]);
    expect(
      differences(`${name}(s, u, 'é', xs[0])`, (row) =>
        best(row.s, row.u, 'é', (row.xs as Value[] | null)?.[0] ?? null),
      ),
    ).toEqual([]);
    expect(
      differences(`${name}(s, trim(s))`, ({ s }) =>
        s === null ? null : best(s, String(s).replace(/^ +| +$/g, '')),
      ),
    ).toEqual([]);
    expect(differences(`${name}(b, c)`, ({ b, c }) => best(b, c))).toEqual([]);
    expect(differences(`${name}(t, NULL, v)`, ({ t, v }) => best(t, v))).toEqual([]);
    expect(expressionOf(`${name}(l, n)`).nullable).toBe(false);
  });

  test('nullif', () => {
    expect(differences('nullif(l, m)', (row) => (row.l === row.m ? null : row.l))).toEqual([]);
    expect(differences("nullif(s, '')", (row) => (row.s === '' ? null : row.s))).toEqual([]);
    expect(differences('nullif(n, NULL)', (row) => row.n)).toEqual([]);
  });
});

describe('time', () => {
  const DAY = 86_400_000_000n;
  const floor = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;
  const units: readonly (readonly [string, (at: bigint) => bigint])[] = [
    ['microsecond', (at) => at],
    ['millisecond', (at) => floor(at, 1000n) * 1000n],
    ['second', (at) => floor(at, 1_000_000n) * 1_000_000n],
    ['minute', (at) => floor(at, 60_000_000n) * 60_000_000n],
    ['hour', (at) => floor(at, 3_600_000_000n) * 3_600_000_000n],
    ['DAY', (at) => floor(at, DAY) * DAY],
    ['dd', (at) => floor(at, DAY) * DAY],
    ['week', (at) => floor(at + 3n * DAY, 7n * DAY) * 7n * DAY - 3n * DAY],
    ['month', (at) => calendar(at, 1)],
    ['quarter', (at) => calendar(at, 3)],
    ['Year', (at) => calendar(at, 12)],
  ];
  /** The first day, counting days forward, of the run of months that `at` lies in. */
  function calendar(at: bigint, months: number): bigint {
    const iso = new Date(Number(floor(at, 1000n))).toISOString();
    const month = Number(iso.slice(5, 7)) - 1;
    const first = String(month - (month % months) + 1).padStart(2, '0');
    return BigInt(Date.parse(`${iso.slice(0, 4)}-${first}-01T00:00:00Z`)) * 1000n;
  }

  test.each(units)('date_trunc to %s', (unit, f) => {
    const truncate = strict((t: number) => long(Number(f(BigInt(t)))));
    expect(differences(`date_trunc('${unit}', t)`, (row) => truncate(row.t))).toEqual([]);
  });

  test.each([
    ['year', (date: Date) => date.getUTCFullYear()],
    ['month', (date: Date) => date.getUTCMonth() + 1],
    ['day', (date: Date) => date.getUTCDate()],
    ['hour', (date: Date) => date.getUTCHours()],
    ['minute', (date: Date) => date.getUTCMinutes()],
    ['second', (date: Date) => date.getUTCSeconds()],
    ['dayofweek', (date: Date) => date.getUTCDay() + 1],
  ] as const)('%s in UTC, also before 1970', (name, f) => {
    const part = strict((t: number) => f(new Date(Math.floor(t / 1000))));
    expect(differences(`${name}(t)`, (row) => part(row.t))).toEqual([]);
    expect(differences(`${name}(v)`, (row) => part(row.v))).toEqual([]);
  });

  test('every day that there is has its date', () => {
    const rows = [];
    for (let t = -9_007_199_254; t < 9_007_199_254; t += 86_400 * 9) rows.push({ t: t * 1e6 });
    const batch = batchOf(rows as never);
    const column = compile(
      expressionOf("date_format(t, 'yyyy-MM-dd') || ' ' || CAST(dayofweek(t) - 1 AS STRING)"),
    ).evaluate(batch);
    const wrong = rows.filter(({ t }, i) => {
      const date = new Date(t / 1000);
      return valueAt(column, i) !== `${date.toISOString().slice(0, 10)} ${date.getUTCDay()}`;
    });
    expect(wrong).toEqual([]);
  });

  test('date_format writes what a pattern says', () => {
    const iso = strict((t: number) => new Date(Math.floor(t / 1000)).toISOString());
    const text = "date_format(t, 'yyyy-MM-dd''T''HH:mm:ss.SSSX')";
    expect(differences(text.replaceAll("''", "\\'"), (row) => iso(row.t))).toEqual([]);
    const at = "TIMESTAMP '2026-02-03T04:05:06.007089Z'";
    for (const [pattern, value] of [
      ['yyyy M d H m s', '2026 2 3 4 5 6'],
      ['MMM dd MMM', 'Feb 03 Feb'],
      ['S SS SSSS SSSSSS SSSSSSSSS', '0 00 0070 007089 007089000'],
      ['X XX XXX x xx xxx', 'Z Z Z +00 +0000 +00:00'],
      ["HH 'o''clock' é", "04 o'clock é"],
      ['', ''],
    ]) {
      const quoted = pattern.replaceAll("'", "''");
      expect(differences(`date_format(${at}, '${quoted}')`, () => value)).toEqual([]);
    }
  });

  test('numbers of units since 1970, and back', () => {
    for (const [name, unit] of [
      ['seconds', 1_000_000n],
      ['millis', 1000n],
      ['micros', 1n],
    ] as const) {
      const units = strict((t: number) => Number(floor(BigInt(t), unit)));
      expect(differences(`unix_${name}(t)`, (row) => units(row.t))).toEqual([]);
      const time = strict((l: number) => long(Number(BigInt(l) * unit)));
      expect(differences(`timestamp_${name}(l)`, (row) => time(row.l))).toEqual([]);
      expect(differences(`timestamp_${name}(NULL)`, () => null)).toEqual([]);
    }
    const fine = strict((d: number) => long(Math.trunc(d * 1e6)));
    expect(differences('timestamp_seconds(d)', (row) => fine(row.d))).toEqual([]);
  });
});

describe('casts', () => {
  test('to text', () => {
    expect(differences('CAST(l AS STRING)', (row) => strict(String)(row.l))).toEqual([]);
    expect(differences('CAST(b AS STRING)', (row) => strict(String)(row.b))).toEqual([]);
    expect(differences('CAST(s AS STRING)', (row) => row.s)).toEqual([]);
    const cases: readonly (readonly [string, string])[] = [
      ['CAST(1D AS STRING)', '1.0'],
      ['CAST(-0D AS STRING)', '-0.0'],
      ['CAST(1e7 AS STRING)', '1.0E7'],
      ['CAST(9999999D AS STRING)', '9999999.0'],
      ['CAST(1.25e-4 AS STRING)', '1.25E-4'],
      ['CAST(0.001 AS STRING)', '0.001'],
      ['CAST(-1.5e300 AS STRING)', '-1.5E300'],
      ["CAST(CAST('nan' AS DOUBLE) AS STRING)", 'NaN'],
      ['CAST(-1e308 * 10 AS STRING)', '-Infinity'],
      ["CAST(TIMESTAMP '2026-01-02T03:04:05Z' AS STRING)", '2026-01-02 03:04:05'],
      ["CAST(TIMESTAMP '2026-01-02T03:04:05.1234Z' AS STRING)", '2026-01-02 03:04:05.1234'],
    ];
    for (const [text, value] of cases) expect(differences(text, () => value)).toEqual([]);
  });

  test('a value written as text reads back as itself', () => {
    expect(differences('CAST(CAST(l AS STRING) AS BIGINT)', (row) => row.l)).toEqual([]);
    expect(differences('CAST(CAST(d AS STRING) AS DOUBLE)', (row) => row.d)).toEqual([]);
    expect(differences('CAST(CAST(t AS STRING) AS TIMESTAMP)', (row) => row.t)).toEqual([]);
    expect(differences('CAST(CAST(b AS STRING) AS BOOLEAN)', (row) => row.b)).toEqual([]);
  });

  const reading: readonly (readonly [string, string, Value])[] = [
    ...(['12', ' +12\t', '012'].map((s) => [s, 'BIGINT', 12]) as [string, string, Value][]),
    ['-0', 'BIGINT', 0],
    ['9007199254740991', 'LONG', SAFE],
    ...(['', ' ', '1.5', '1e3', '9007199254740992', '0x10', '1 2', '\u00a01', '١'].map((s) => [
      s,
      'BIGINT',
      null,
    ]) as [string, string, Value][]),
    [' 1.5e3 ', 'DOUBLE', 1500],
    ['.5', 'DOUBLE', 0.5],
    ['5.', 'DOUBLE', 5],
    ['1d', 'DOUBLE', 1],
    ['1e999', 'DOUBLE', Number.POSITIVE_INFINITY],
    ['-Infinity', 'DOUBLE', Number.NEGATIVE_INFINITY],
    ['NaN', 'DOUBLE', Number.NaN],
    ...(['', 'e5', '1,5', '0x1p3', '--1'].map((s) => [s, 'DOUBLE', null]) as [
      string,
      string,
      Value,
    ][]),
    ...([' TRUE', 't', 'Yes', 'y', '1'].map((s) => [s, 'BOOLEAN', true]) as [
      string,
      string,
      Value,
    ][]),
    ...(['false', 'F', 'no', 'n', '0'].map((s) => [s, 'BOOLEAN', false]) as [
      string,
      string,
      Value,
    ][]),
    ...(['', '2', 'on', 'tr'].map((s) => [s, 'BOOLEAN', null]) as [string, string, Value][]),
    ['1970-01-01', 'TIMESTAMP', 0],
    ['1970', 'TIMESTAMP', 0],
    ['1970-1-1 0:0:1', 'TIMESTAMP', 1_000_000],
    ['1970-01-01T00:00:00.123456789Z', 'TIMESTAMP', 123_456],
    ['1969-12-31 23:59:59.5', 'TIMESTAMP', -500_000],
    ['1970-01-01T02:30:00+02:30', 'TIMESTAMP', 0],
    ['1969-12-31T22:00-02', 'TIMESTAMP', 0],
    ['2255-06-05T23:47:34.740991Z', 'TIMESTAMP', SAFE],
    ...([
      ...['', 'now', '2026-02-30', '2026-13-01', '2026-00-01', '0050-01-01', '1684-01-01'],
      ...['2255-06-05T23:47:34.740992Z', '2026-01-01T24:00:00', '2026-01-01T00:00:60Z'],
      ...[
        '2026-01-01T00:00:00+19:00',
        '2026-01-01T00:00:00+01:60',
        '2026-01-01T00:00:00 Europe/Berlin',
      ],
    ].map((s) => [s, 'TIMESTAMP', null]) as [string, string, Value][]),
  ];
  test.each(reading)('%j as %s', (text, type, value) => {
    expect(differences(`CAST('${text}' AS ${type})`, () => value)).toEqual([]);
    expect(differences(`TRY_CAST('${text}' AS ${type})`, () => value)).toEqual([]);
  });

  test('between numbers, times and booleans', () => {
    const cut = strict((d: number) => long(Math.trunc(d)));
    expect(differences('CAST(d AS BIGINT)', (row) => cut(row.d))).toEqual([]);
    expect(differences('CAST(l AS DOUBLE)', (row) => row.l)).toEqual([]);
    expect(differences('CAST(b AS BIGINT)', (row) => strict(Number)(row.b))).toEqual([]);
    expect(differences('CAST(b AS DOUBLE)', (row) => strict(Number)(row.b))).toEqual([]);
    expect(
      differences('CAST(l AS BOOLEAN)', (row) => strict((l: number) => l !== 0)(row.l)),
    ).toEqual([]);
    expect(
      differences('CAST(d AS BOOLEAN)', (row) => strict((d: number) => d !== 0)(row.d)),
    ).toEqual([]);
    const seconds = strict((t: number) =>
      Number((BigInt(t) - (((BigInt(t) % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n),
    );
    expect(differences('CAST(t AS BIGINT)', (row) => seconds(row.t))).toEqual([]);
    expect(
      differences('CAST(t AS DOUBLE)', (row) => strict((t: number) => t / 1e6)(row.t)),
    ).toEqual([]);
    const time = strict((l: number) => long(l * 1e6));
    expect(differences('CAST(l AS TIMESTAMP)', (row) => time(row.l))).toEqual([]);
    const fine = strict((d: number) => long(Math.trunc(d * 1e6)));
    expect(differences('CAST(d AS TIMESTAMP)', (row) => fine(row.d))).toEqual([]);
  });

  test('a NULL takes any type', () => {
    for (const type of ['BOOLEAN', 'BIGINT', 'DOUBLE', 'STRING', 'TIMESTAMP']) {
      expect(differences(`CAST(NULL AS ${type})`, () => null)).toEqual([]);
    }
  });
});

describe('times read by a pattern', () => {
  const read = (text: string, pattern: string): Value => {
    const quote = (one: string): string => `'${one.replaceAll("'", "''")}'`;
    const expression = expressionOf(`try_to_timestamp(${quote(text)}, ${quote(pattern)})`);
    return valueAt(compile(expression).evaluate(batchOf(randomRows(1, true, new Chance(1)))), 0);
  };
  const at = (iso: string): number => Date.parse(iso) * 1000;

  test.each([
    ['2026-02-03 04:05:06', 'yyyy-MM-dd HH:mm:ss', at('2026-02-03T04:05:06Z')],
    ['3.2.2026', 'd.M.yyyy', at('2026-02-03T00:00:00Z')],
    ['13.12.2026 7:08', 'd.M.yyyy H:mm', at('2026-12-13T07:08:00Z')],
    ['10/OCT/2000:13:55:36 -0700', 'dd/MMM/yyyy:HH:mm:ss xx', at('2000-10-10T20:55:36Z')],
    [
      '2026-02-03T04:05:06.789+01:30',
      "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      at('2026-02-03T02:35:06.789Z'),
    ],
    ['2026-02-03T04:05:06.7Z', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", at('2026-02-03T04:05:06.7Z')],
    [
      '2026-02-03 000001.123456789+02',
      'yyyy-MM-dd HHmmss.SSSSSSSSSX',
      at('2026-02-02T22:00:01.123Z') + 456,
    ],
    ["9 o'clock 2024-02-29", "H 'o''clock' yyyy-MM-dd", at('2024-02-29T09:00:00Z')],
    ["2026'02'03", "yyyy''MM''dd", at('2026-02-03T00:00:00Z')],
    ['2026年02月03日', 'yyyy年MM月dd日', at('2026-02-03T00:00:00Z')],
  ])('%s as %s', (text, pattern, expected) => {
    expect(read(text, pattern)).toBe(expected);
  });

  test.each([
    ['2026-02-30', 'yyyy-MM-dd'],
    ['2026-13-01', 'yyyy-MM-dd'],
    ['2025-02-29', 'yyyy-MM-dd'],
    ['2026-2-03', 'yyyy-MM-dd'],
    ['2026-02-03 ', 'yyyy-MM-dd'],
    ['2026-02-0', 'yyyy-MM-dd'],
    ['2026-02-03 24:00', 'yyyy-MM-dd HH:mm'],
    ['2026-02-03 23:60', 'yyyy-MM-dd HH:mm'],
    ['01 Okt 2026', 'dd MMM yyyy'],
    ['01 Oc', 'dd MMM yyyy'],
    ['2026-02-03 +1900', 'yyyy-MM-dd xx'],
    ['2026-02-03 Z', 'yyyy-MM-dd xx'],
    ['2026-02-03 +01-00', 'yyyy-MM-dd XXX'],
    ['2026-02-03 +01', 'yyyy-MM-dd XXX'],
    ['1500-01-01', 'yyyy-MM-dd'],
    ['0099-01-01', 'yyyy-MM-dd'],
    ['', 'yyyy-MM-dd'],
  ])('"%s" is none by %s', (text, pattern) => {
    expect(read(text, pattern)).toBeNull();
  });

  test('without a pattern it is a cast', () => {
    expect(differences('try_to_timestamp(s) <=> CAST(s AS TIMESTAMP)', () => true)).toEqual([]);
  });

  test('every millisecond comes back as it was written', () => {
    const chance = new Chance(7);
    for (let i = 0; i < 100; i++) {
      const time = chance.whole(7.9e12) - 8.9e12 + chance.whole(9e12);
      const [date, clock] = new Date(time).toISOString().slice(0, -1).split('T');
      const text = `${date.split('-').reverse().join('.')} ${clock.replaceAll(':', '-')}`;
      expect(read(text, 'dd.MM.yyyy HH-mm-ss.SSS')).toBe(time * 1000);
    }
  });
});
