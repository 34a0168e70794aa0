/** Expectations written into a file: what came is there, and nothing else has moved. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReadRecord, ReadValue } from '../../src/codecs/message-reader.ts';
import { validateText } from '../../src/rules/validate.ts';
import { fillIn } from '../../src/testing/fill-in.ts';
import { sameRecord } from '../../src/testing/same.ts';
import { readDocument } from '../../src/topology/document.ts';
import { isMapping, isSequence, valueAt } from '../../src/topology/value.ts';
import { outcomesOf, sale, withSteps } from './world.ts';

const FEED = `feed: { sales: [${sale(1, 'a', '00:01', 2)}, nonsense, ${sale(2, 'b', '00:02')}] }`;

async function recorded(text: string): Promise<string> {
  const [{ failures, recorded }] = await outcomesOf(text, { record: true });
  expect(failures).toEqual([]);
  return fillIn(text, recorded);
}

describe('fillIn', () => {
  test.each([
    ['in braces', 'expect: { all: , held: { all: 2 }, shops: } # so'],
    [
      'below a name',
      'expect:\n          all: # a word\n          # more words\n          held: { all: 2 }',
    ],
    ['for a null', 'expect:\n          dead_letter: null\n          all: ~ # why not'],
    ['by vehicle', 'expect: { received: { office: { all: , shops: } } }'],
    ['in the long way', 'expect:\n          received:\n            office:\n              all:'],
  ])('%s: the rest of the file stays, and the test passes then', async (_, step) => {
    for (const newline of ['\n', '\r\n']) {
      const attach = step.includes('received') ? 'attach: office' : 'restart: {}';
      const text = withSteps([FEED, attach, step, 'close: true']).replaceAll('\n', newline);
      const filled = await recorded(text);
      expect(filled).not.toBe(text);
      expect((await outcomesOf(filled))[0].failures).toEqual([]);
      const { findings } = validateText(filled, 'flow.yaml');
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
      if (newline === '\r\n') expect(filled.replaceAll('\r\n', '')).not.toContain('\n');
      // Taking out what was put in gives what was there.
      const kept = text.replaceAll(/ (null|~)/g, '');
      let at = 0;
      for (const character of filled) if (character === kept[at]) at++;
      expect(at).toBe(kept.length);
    }
  });

  test('leaves alone what is expected already, also where it disagrees', async () => {
    const text = withSteps([FEED, 'expect: { all: [{ id: 9 }], shops: }']);
    const [{ failures, recorded }] = await outcomesOf(text, { record: true });
    expect(failures).toHaveLength(1);
    expect(recorded.map(({ path }) => path.at(-1))).toEqual(['shops']);
  });

  test('writes any record so that it reads back as the same', () => {
    const leaf: fc.Arbitrary<ReadValue> = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.maxSafeInteger().map((value) => BigInt(value)),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'no',
        'yes',
        'null',
        '1e3',
        '0x1f',
        '~',
        '12:30',
        '',
        '- a',
        '# b',
        'a: b',
        '2026-01-01',
      ),
      fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2200-01-01') }),
    );
    const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }));
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
      .filter((one) => one !== '__proto__');
    const record = fc
      .array(fc.tuple(name, value), { maxLength: 4 })
      .map((fields): ReadRecord => new Map(fields));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), fc.boolean(), (records, braces) => {
        const text = braces ? 'a: { b: , c: 1 }\n' : 'a:\n  b: # words\n  c: 1\n';
        const filled = fillIn(text, [{ path: ['a', 'b'], records }]);
        const { data, findings } = readDocument(filled, '');
        expect(findings).toEqual([]);
        expect(valueAt(data, ['a', 'c'])).toBe(1);
        const read = valueAt(data, ['a', 'b']);
        expect(isSequence(read) && read.length).toBe(records.length);
        records.forEach((one, i) => {
          const back = isSequence(read) ? read[i] : null;
          const same = isMapping(back) && sameRecord(back, one, { exact: true, tolerance: 0 });
          expect([filled, same]).toEqual([filled, true]);
        });
      }),
      { numRuns: 150 },
    );
  });
});
