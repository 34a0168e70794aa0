/** CSV against a reader that goes character by character: the same lines are records, with the same values. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CsvPlan, Decoded, LaneField, LineHeader } from '../../src/codecs/codec.ts';
import { createCsvDecoder } from '../../src/codecs/csv.ts';
import { share } from '../tools/campaign.ts';

type Kind = 'long' | 'double' | 'string' | 'boolean' | 'timestamp';

function field(name: string, kind: Kind, more: Partial<LaneField> = {}): LaneField {
  const type = { kind } as const;
  return { name, type, source: [name], format: 'iso8601', required: false, used: true, ...more };
}

function planOf(fields: readonly LaneField[], more: Partial<CsvPlan> = {}): CsvPlan {
  return {
    kind: 'csv',
    fields,
    columns: null,
    delimiter: ',',
    quote: '"',
    null: '',
    closed: false,
    ...more,
  };
}

interface Read {
  readonly header: LineHeader | null;
  readonly rows: readonly (readonly unknown[])[];
  readonly bad: readonly (readonly [line: number, reason: string, detail: string])[];
  readonly empty: number;
}

function read(plan: CsvPlan, text: string | Buffer): Read {
  const decoder = createCsvDecoder(plan);
  const bytes = Buffer.from(text as string);
  decoder.room(bytes.length).set(bytes);
  const { count } = decoder.find(0, bytes.length);
  const header = decoder.readHeader?.(0) ?? null;
  const decoded = decoder.decode(header === null ? 0 : 1, count, header);
  return {
    header,
    rows: Array.from({ length: decoded.rows }, (_, row) => valuesOf(decoded, row)),
    bad: decoded.bad.map(({ line, reason, detail }) => [line, reason, detail]),
    empty: decoded.empty,
  };
}

function valuesOf({ columns }: Decoded, row: number): unknown[] {
  return columns.map((column) => {
    if (column.valid !== null && column.valid[row] === 0) return null;
    if (column.type === 'string') {
      return Buffer.from(column.bytes.subarray(column.starts[row], column.ends[row])).toString();
    }
    if (column.type === 'boolean') return column.values[row] === 1;
    return 'values' in column ? column.values[row] : undefined;
  });
}

/** The cells of a line; null between them: it stood there without quotes and is what NULL is written as. */
function cellsOf(line: string, plan: CsvPlan): (string | null)[] | undefined {
  const cells: (string | null)[] = [];
  let rest = line;
  for (;;) {
    let cell: string | null = '';
    if (rest.startsWith(plan.quote)) {
      let i = 1;
      for (; i < rest.length; i++) {
        if (rest[i] !== plan.quote) cell += rest[i];
        else if (rest[i + 1] === plan.quote) cell += rest[++i];
        else break;
      }
      if (i >= rest.length) return undefined;
      rest = rest.slice(i + 1);
      if (rest !== '' && rest[0] !== plan.delimiter) return undefined;
    } else {
      const [first] = rest.split(plan.delimiter);
      cell = first === plan.null ? null : first;
      rest = rest.slice(first.length);
    }
    cells.push(cell);
    if (rest === '') return cells;
    rest = rest.slice(1);
  }
}

const TEXTS = ['a', 'b c', '', '"', '""', ',', ';', 'NA', 'é', '€', '😀', '7', "'", 'x"y', ' '];

function written(text: string, plan: CsvPlan): string {
  return plan.quote + text.replaceAll(plan.quote, plan.quote + plan.quote) + plan.quote;
}

const marks = fc.constantFrom(
  { delimiter: ',', quote: '"', null: '' },
  { delimiter: ';', quote: "'", null: 'NA' },
  { delimiter: '\t', quote: '"', null: '\\N' },
);
/** Pieces that come to good and bad cells alike. */
const loose = fc.array(fc.constantFrom(...TEXTS), { maxLength: 6 }).map((parts) => parts.join(''));

describe('the reader of CSV', () => {
  test('takes the lines that a reader by characters takes, with the same cells', () => {
    const names = ['a', 'b', 'c'];
    fc.assert(
      fc.property(marks, fc.array(loose, { maxLength: 12 }), (mark, lines) => {
        const fields = names.map((name) => field(name, 'string'));
        const plan = planOf(fields, { ...mark, columns: names });
        const found = read(plan, lines.map((line) => `${line}\n`).join(''));
        const cells = lines.filter((line) => line !== '').map((line) => cellsOf(line, plan));
        const good = cells.filter((row) => row?.length === names.length);
        expect(found.rows).toEqual(good);
        expect(found.bad.map(([, reason]) => reason)).toEqual(
          cells
            .filter((row) => row?.length !== names.length)
            .map((row) => (row === undefined ? 'not-csv' : 'wrong-cell-count')),
        );
        expect(found.empty).toBe(lines.length - cells.length);
      }),
      { numRuns: share(2000) },
    );
  });

  test('gives back any text that was written between quotes', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !/[\r\n]/.test(one));
    fc.assert(
      fc.property(marks, fc.array(fc.tuple(text, text), { minLength: 1 }), (mark, rows) => {
        const plan = planOf([field('b', 'string'), field('a', 'string')], mark);
        const lines = [
          ['a', 'b'],
          ...rows.map((row) => row.map((cell) => written(cell, plan))),
        ].map((cells) => `${cells.join(mark.delimiter)}\n`);
        expect(read(plan, lines.join('')).rows).toEqual(rows.map(([a, b]) => [b, a]));
      }),
      { numRuns: share(500) },
    );
  });

  test('reads numbers, flags and times as JSON has them, with quotes or without', () => {
    const plan = planOf([
      field('l', 'long'),
      field('d', 'double'),
      field('f', 'boolean'),
      field('t', 'timestamp'),
      field('ms', 'timestamp', { format: 'epoch_ms' }),
    ]);
    const text =
      'l,d,f,t,ms\n1e3,-0.5,true,2026-01-31T23:59:00.5Z,1500\n"7","1e400","false","2026-01-31","-1.5"\n,,,,\n';
    expect(read(plan, text).rows).toEqual([
      [1000, -0.5, true, Date.UTC(2026, 0, 31, 23, 59, 0, 500) * 1000, 1_500_000],
      [7, Number.POSITIVE_INFINITY, false, Date.UTC(2026, 0, 31) * 1000, -1500],
      [null, null, null, null, null],
    ]);
  });

  test.each([
    ['l', '1.5', 'l: 1.5 where a value of type long is wanted'],
    ['l', '007', 'l: 007 where a value of type long is wanted'],
    ['l', ' 7', 'l:  7 where a value of type long is wanted'],
    ['l', '7 ', 'l: 7  where a value of type long is wanted'],
    ['l', '""', 'l: an empty text where a value of type long is wanted'],
    ['d', 'NaN', 'd: NaN where a value of type double is wanted'],
    ['f', 'TRUE', 'f: TRUE where a value of type boolean is wanted'],
    ['t', '1500', 't: 1500 where a timestamp (iso8601) is wanted'],
    ['ms', '2026-01-31', 'ms: 2026-01-31 where a timestamp (epoch_ms) is wanted'],
  ])('refuses a cell of %s that says %s', (name, cell, detail) => {
    for (const used of [true, false]) {
      const all = planOf([
        field('l', 'long', { used }),
        field('d', 'double', { used }),
        field('f', 'boolean', { used }),
        field('t', 'timestamp', { used }),
        field('ms', 'timestamp', { format: 'epoch_ms', used }),
      ]);
      expect(read(all, `${name}\n${cell}\n`).bad).toEqual([[1, 'wrong-type', detail]]);
    }
  });

  test('says of a bad line what is wrong with it', () => {
    const plan = planOf([field('a', 'long', { required: true }), field('b', 'string')]);
    const text = Buffer.concat([
      Buffer.from('a,b\n1\n1,2,3\n1,"x\n1,"x"y\n,x\n9007199254740993,x\n1,'),
      Buffer.of(0xff, 0x0a),
      Buffer.from('1,5" disk\n'),
    ]);
    const { rows, bad } = read(plan, text);
    expect(rows).toEqual([[1, '5" disk']]);
    expect(bad).toEqual([
      [1, 'wrong-cell-count', '1 cell where there are 2 columns'],
      [2, 'wrong-cell-count', '3 cells where there are 2 columns'],
      [
        3,
        'not-csv',
        'a quoted cell does not end in its line, and line ends inside of cells are not supported, at byte 3',
      ],
      [4, 'not-csv', 'text behind a closing quote, at byte 6'],
      [5, 'missing-field', 'a is missing or null'],
      [
        6,
        'number-too-large',
        'a: 9007199254740993 is a long beyond 2^53 - 1, the largest that is supported so far',
      ],
      [7, 'not-utf8', 'bytes that are not UTF-8'],
    ]);
  });

  test('counts more cells than it keeps', () => {
    const plan = planOf([field('a', 'long')], { columns: ['a'] });
    expect(read(plan, `${','.repeat(5000)}\n`).bad).toEqual([
      [0, 'wrong-cell-count', '5001 cells where there is 1 column'],
    ]);
  });
});

describe('a header of CSV', () => {
  const fields = [field('a', 'long'), field('b', 'string')];

  test('may have any order, other columns, blanks around names, quotes and a mark of byte order', () => {
    const text = '\ufeff"x", b ,"y ""z""",a \r\n1,2,3,4\r\n';
    expect(read(planOf(fields), text).rows).toEqual([[4, '2']]);
    const quoted = [{ ...field('q', 'long'), source: ['y "z"'] }];
    expect(read(planOf(quoted), text).rows).toEqual([[3]]);
  });

  test('without the column of a field makes NULL of it, or bad records if it is required', () => {
    expect(read(planOf(fields), 'b\nx\n').rows).toEqual([[null, 'x']]);
    const required = [field('a', 'long', { required: true }), field('b', 'string')];
    expect(read(planOf(required), 'b\nx\n').bad).toEqual([
      [1, 'missing-field', 'the header has no column a'],
    ]);
  });

  test('may have no other columns where that is asked for', () => {
    const closed = planOf(fields, { closed: true });
    expect(read(closed, 'b,a\nx,1\n').rows).toEqual([[1, 'x']]);
    expect(read(closed, 'b,other,a\nx,y,1\n').header?.problem).toBe(
      'column other is no field of the lane',
    );
  });

  test.each([
    ['two columns are called a', 'a,b,a'],
    ['column 2 has no name', 'a,,b'],
    ['it names no column that is read, such as a', '1,x'],
    ['a quoted cell does not end in its line', 'a,"b'],
    ['2001 columns; the limit is 1024', `a${',b'.repeat(2000)}`],
  ])('is refused with all lines behind it where %s', (problem, line) => {
    const { header, rows, bad, empty } = read(planOf(fields), `${line}\n1,x\n\n2,y\n`);
    expect(header?.problem).toContain(problem);
    expect(rows).toEqual([]);
    expect(empty).toBe(1);
    expect(bad.map(([at, reason]) => [at, reason])).toEqual([
      [1, 'bad-header'],
      [3, 'bad-header'],
    ]);
    expect(bad[0][2]).toBe(`no record under a bad header: ${header?.problem}`);
    for (const [, , detail] of bad) expect(detail.length).toBeLessThanOrEqual(200);
  });
});
