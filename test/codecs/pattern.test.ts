/** Lines taken apart by a pattern, against the matches of the same expression, text by text. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decoded, LaneField, PatternPlan } from '../../src/codecs/codec.ts';
import { createPatternDecoder } from '../../src/codecs/pattern.ts';
import { readPattern } from '../../src/sql/pattern.ts';
import { share } from '../tools/campaign.ts';

type Kind = 'long' | 'double' | 'string' | 'boolean' | 'timestamp';

function field(name: string, kind: Kind, more: Partial<LaneField> = {}): LaneField {
  const type = { kind } as const;
  return { name, type, source: [name], format: 'iso8601', required: false, used: true, ...more };
}

function planOf(pattern: string, fields: readonly LaneField[]): PatternPlan {
  const read = readPattern(pattern, true);
  if ('why' in read) throw new Error(read.why);
  return { kind: 'pattern', fields, regexp: read.regexp.source, groups: read.names };
}

function read(plan: PatternPlan, lines: readonly (string | Buffer)[]) {
  const decoder = createPatternDecoder(plan);
  const bytes = Buffer.concat(
    lines.flatMap((line) => [Buffer.from(line as string), Buffer.from('\n')]),
  );
  decoder.room(bytes.length).set(bytes);
  const { count } = decoder.find(0, bytes.length);
  const decoded = decoder.decode(0, count);
  return {
    rows: Array.from({ length: decoded.rows }, (_, row) => valuesOf(decoded, row)),
    lines: [...decoded.lines.subarray(0, decoded.rows)],
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

const ACCESS =
  '^(?<host>[^ ]+) [^ ]+ (?<user>[^ ]+) \\[(?<at>[^\\]]+)\\] "(?<request>[^"]*)" (?<status>[0-9]{3}) (?:(?<bytes>[0-9]+)|-)';

describe('a pattern', () => {
  test('takes a line of an access log apart; a group without a part in the match is NULL', () => {
    const plan = planOf(ACCESS, [
      field('host', 'string'),
      field('request', 'string'),
      field('status', 'long'),
      field('size', 'long', { source: ['bytes'] }),
    ]);
    const { rows, bad, empty } = read(plan, [
      '10.0.0.7 - - [10/Oct/2025:13:55:36 +0000] "GET /a HTTP/1.1" 200 2326 "-" "curl"',
      '',
      '10.0.0.8 - ann [10/Oct/2025:13:55:37 +0000] "GET /ü HTTP/1.1" 304 -',
      'something else altogether',
    ]);
    expect(rows).toEqual([
      ['10.0.0.7', 'GET /a HTTP/1.1', 200, 2326],
      ['10.0.0.8', 'GET /ü HTTP/1.1', 304, null],
    ]);
    expect(empty).toBe(1);
    expect(bad).toEqual([[3, 'no-match', 'the pattern does not match something else altogether']]);
  });

  test('says which group has a value that its field cannot have, or none where one is required', () => {
    const pattern = '^(?<n>[^ ]*) (?:(?<flag>[a-z]+)|-) (?<at>.*)$';
    const plan = planOf(pattern, [
      field('n', 'double'),
      field('flag', 'boolean', { required: true }),
      field('at', 'timestamp', { format: 'epoch_s' }),
    ]);
    const { rows, bad } = read(plan, [
      '1.5 true 60',
      'x true 60',
      '1 yes 60',
      '1 - 60',
      '1 false soon',
      ' true 1',
      Buffer.from([0x31, 0x20, 0xff, 0x20, 0x31]),
    ]);
    expect(rows).toEqual([[1.5, true, 60_000_000]]);
    expect(bad).toEqual([
      [1, 'wrong-type', 'n: x where a value of type double is wanted'],
      [2, 'wrong-type', 'flag: yes where a value of type boolean is wanted'],
      [3, 'missing-field', 'group flag has no part in the match'],
      [4, 'wrong-type', 'at: soon where a timestamp (epoch_s) is wanted'],
      [5, 'wrong-type', 'n: an empty text where a value of type double is wanted'],
      [6, 'not-utf8', 'bytes that are not UTF-8'],
    ]);
  });

  test('gives what the same expression matches in each text, whatever the characters', () => {
    const pattern = '(?<a>[a-zä🚪]+)=(?<b>[^;]*)(?:;(?<c>.?))?';
    const plan = planOf(pattern, [
      field('c', 'string'),
      field('a', 'string'),
      field('b', 'string', { required: true }),
    ]);
    const unit = fc.constantFrom('a', 'ä', '🚪', '=', ';', ' ', 'é', 'z', '\u2028', '"');
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 12 }), { maxLength: 20 }), (lines) => {
        const { rows, lines: places } = read(plan, lines);
        const expected = lines.flatMap((line, i) => {
          const groups = new RegExp(plan.regexp, 'u').exec(line);
          if (line === '' || groups === null) return [];
          return [[i, groups[3] ?? null, groups[1] ?? null, groups[2] ?? null]];
        });
        expect(rows.map((row, i) => [places[i], ...row])).toEqual(expected);
      }),
      { numRuns: share(600) },
    );
  });
});
