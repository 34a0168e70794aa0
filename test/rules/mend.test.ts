/** Fixes: each mends its finding, touches nothing else, and changes nothing the second time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mend } from '../../src/rules/mend.ts';
import { validateText } from '../../src/rules/validate.ts';
import { share } from '../tools/campaign.ts';
import { root } from '../tools/product.ts';

const NONE = {};

function mended(text: string): { text: string; slugs: string[]; left: string[] } {
  const { validation, applied } = mend(text, 'x.yaml', NONE);
  return {
    text: validation.text,
    slugs: applied.map(({ rule }) => rule),
    left: validation.findings.map(({ rule }) => rule).filter((rule) => rule !== 'no-tests'),
  };
}

const HEAD = 'version: 1\nname: x\n';
const flow = (lane: string, rest = ''): string =>
  `${HEAD}vehicles:\n  v:  # ours\n    lanes:\n      l:   { ${lane} }   # a lane\n` +
  `exits:\n  e: { from: l,   for: v }\n${rest}`;
const LANE = 'listen: 7001, codec: text';

describe('mend', () => {
  test.each([
    ['yaml-1-1-trap', `description: yes   # still\n`, `description: "yes"   # still\n`],
    ['yaml-1-1-trap', 'description: 2026-01-01\n', 'description: "2026-01-01"\n'],
    ['wrong-type', 'description: 5 # five\n', 'description: "5" # five\n'],
    ['wrong-type', 'description: 1.50\n', 'description: "1.50"\n'],
    ['wrong-type', 'description: true\n', 'description: "true"\n'],
    ['stray-whitespace', 'description: a\ufeffb\n', 'description: ab\n'],
    ['stray-whitespace', 'description:\u00a0a\u00a0b # c\n', 'description: a\u00a0b # c\n'],
    ['stray-whitespace', 'description: a\u200bb\n', 'description: ab\n'],
    ['stray-whitespace', 'description: a\u3000\n', 'description: a \n'],
    [
      'stale-suppression',
      '# one\n  # roundabout-disable-next-line unused-element: gone\n# two\n',
      '# one\n# two\n',
    ],
    [
      'stale-suppression',
      'description: a  # roundabout-disable-next-line unused-element: gone\n# two\n',
      'description: a\n# two\n',
    ],
  ])('%s: %j becomes %j', (slug, wrong, right) => {
    expect(mended(flow(LANE, wrong))).toEqual({ text: flow(LANE, right), slugs: [slug], left: [] });
  });

  test('wrong-type: a number in quotes loses them where a number belongs', () => {
    const lane = (n: string): string => flow(`${LANE}, limits: { max_connections: ${n} }`);
    expect(mended(lane(`'5'`))).toEqual({ text: lane('5'), slugs: ['wrong-type'], left: [] });
    expect(mended(lane('"five"')).slugs).toEqual([]);
  });

  test('shell-string: words become a list, in quotes where YAML would read something else', () => {
    const command = (text: string): string =>
      flow(LANE).replace('v:  #', `v:\n    command: ${text}  #`);
    expect(mended(command('node feed.js --n 5 yes'))).toEqual({
      text: command(`[node, feed.js, --n, '5', 'yes']`),
      slugs: ['shell-string'],
      left: [],
    });
    // What a shell would do with it nobody can guess.
    expect(mended(command('"cat a | grep b"'))).toMatchObject({
      slugs: [],
      left: ['shell-string'],
    });
  });

  test('needs-quotes: several in one file, in one go, and what they hid', () => {
    const fields = '{ a: long, b: struct<c: long, d: string>, e: struct<f: long, g: long> }';
    const quoted = '{ a: long, b: "struct<c: long, d: string>", e: "struct<f: long, g: long>" }';
    const text = (types: string): string => flow(`listen: 7001, fields: ${types}`, '');
    expect(mended(text(fields))).toEqual({
      text: text(quoted),
      slugs: ['needs-quotes', 'needs-quotes'],
      left: [],
    });
    const then = mended(`${text(fields)}description: 5\n`);
    expect(then.slugs).toContain('wrong-type');
    expect(then.left).toEqual([]);
  });

  test('a number with a zero in front is left alone: in quotes it would be another value', () => {
    expect(mended(flow(`${LANE}, limits: { max_connections: 012 }`))).toMatchObject({
      slugs: [],
      left: ['yaml-1-1-trap'],
    });
  });

  test('line ends and everything outside of the fix stay as they are', () => {
    const text = flow(LANE, 'description: yes\n').replaceAll('\n', '\r\n');
    expect(mended(text).text).toBe(text.replace(': yes', ': "yes"'));
  });

  const folder = join(root, 'test/mistakes');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

  test('mending twice changes nothing more, and nothing is left that could be mended', () => {
    let fixes = 0;
    for (const text of files) {
      const once = mended(text);
      fixes += once.slugs.length;
      expect(mended(once.text)).toEqual({ text: once.text, slugs: [], left: once.left });
      const { findings } = validateText(once.text, 'x.yaml');
      expect(findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
    }
    expect(fixes).toBeGreaterThan(3);
  });

  test('whatever the text, mending ends, and mending again changes nothing', () => {
    const piece = fc.constantFrom(
      'yes',
      '012',
      '1:30',
      'f(a, 1)',
      '"x"',
      '5',
      ' # c',
      '\ufeff',
      '- ',
    );
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(fc.tuple(fc.nat(), piece)), (file, puts) => {
        let text = file;
        for (const [at, put] of puts.slice(0, 4)) {
          const place = at % text.length;
          text = text.slice(0, place) + put + text.slice(place);
        }
        const once = mended(text);
        expect(mended(once.text).text).toBe(once.text);
      }),
      { numRuns: share(150) },
    );
  });
});
