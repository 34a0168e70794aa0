import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDocument } from '../../src/topology/document.ts';
import { NODES_MAX, TEXT_BYTES_MAX } from '../../src/topology/yaml-limits.ts';
import { share } from '../tools/campaign.ts';

/** Room for the few characters around what is repeated. */
const N = TEXT_BYTES_MAX - 16;

function fill(unit: string, before = '', after = ''): string {
  return before + unit.repeat(Math.floor((N - before.length) / unit.length)) + after;
}

const ROUNDS = 17;
const letters = Array.from({ length: ROUNDS }, (_, i) => String.fromCharCode(97 + i));

const hostile: readonly (readonly [what: string, text: string, rule: string | undefined])[] = [
  ['commas', fill(',', '['), 'document-too-large'],
  ['commas in braces', fill(',', 'a: {'), 'document-too-large'],
  ['open brackets', fill('['), 'document-too-large'],
  ['open braces with keys', fill('{a: '), 'document-too-large'],
  ['dashes on one line', fill('- '), 'document-too-large'],
  ['question marks', fill('? '), 'document-too-large'],
  ['colons', fill(': '), 'document-too-large'],
  ['values', fill('- 1\n'), 'document-too-large'],
  [
    'ever deeper lines',
    Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    'document-too-large',
  ],
  ['anchors', fill('&a '), 'document-too-large'],
  ['aliases', fill('*a '), 'unsupported-yaml'],
  ['tags', fill('! '), 'unsupported-yaml'],
  ['documents', fill('---\n'), 'document-too-large'],
  ['blank lines', fill('\n', '', 'a: 1'), undefined],
  ['comments', fill('#\n', 'a: 1\n'), undefined],
  ['lines of a literal', fill(' a\n', 'a: |\n'), undefined],
  ['lines of a folded text', fill(' a\n\n', 'a: >\n'), undefined],
  ['quotes', fill("''", "a: '", "'"), undefined],
  ['escapes', fill('\\n', 'a: "', '"'), undefined],
  ['one long word', fill('a', 'a: '), undefined],
  ['digits', fill('1', 'a: '), 'literal-range'],
  ['brackets that are cut', `x: [${'f(a, '.repeat(4000)}${')'.repeat(4000)}]`, 'needs-quotes'],
  ['nested brackets that are cut', `x: [${'f(a, '.repeat(400)}${')'.repeat(400)}]`, 'needs-quotes'],
  [
    'aliases of aliases',
    `a: &a [1, 2, 3]\n${letters
      .slice(1)
      .map((c, i) => `${c}: &${c} [*${letters[i]}]`)
      .join('\n')}`,
    undefined,
  ],
  [
    'aliases that multiply',
    `a: &a [${'1,'.repeat(20)}]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]`,
    'document-too-large',
  ],
  ['one byte too many', 'a'.repeat(TEXT_BYTES_MAX + 1), 'document-too-large'],
];

describe('hostile texts', () => {
  test.each(hostile)('%s are read or refused', (_what, text, rule) => {
    const { findings, data } = readDocument(text, 'f.yaml');
    expect(findings[0]?.rule).toBe(rule);
    expect(data === undefined).toBe(
      rule !== undefined && rule !== 'literal-range' && rule !== 'needs-quotes',
    );
  });

  test('a document at the limit of values is read, one more is refused', () => {
    // The list itself is a value, and the mapping around it.
    const list = (n: number): string => `a: [${Array.from({ length: n }, () => '1').join(',')}]`;
    expect(readDocument(list(NODES_MAX - 2), 'f').findings).toEqual([]);
    expect(readDocument(list(NODES_MAX - 1), 'f').findings[0]?.rule).toBe('document-too-large');
  });

  test('tags without number are each refused, and the size of the file too', () => {
    const { findings } = readDocument(fill('! '), 'f.yaml');
    expect(findings.at(-1)?.rule).toBe('document-too-large');
  });

  test('an expression in braces that is far too long is one finding where it begins, in few words', () => {
    const { findings } = readDocument(`x: [${'f(a, '.repeat(4000)}${')'.repeat(4000)}]`, 'f.yaml');
    expect(findings).toMatchObject([
      { rule: 'needs-quotes', at: { line: 1, column: 5 }, hint: 'put it in quotes' },
    ]);
  });

  test('thousands of findings on one line are placed', () => {
    const text = `{${Array.from({ length: 4000 }, (_, i) => `"🚚${i % 2}": 1`).join(', ')}}`;
    const { findings } = readDocument(text, 'f.yaml');
    expect(findings).toHaveLength(3998);
    // Each entry is `"🚚0": 1, `: nine columns, ten UTF-16 units.
    expect(findings.at(-1)?.at.column).toBe(2 + 3999 * 9);
  });
});

const folder = fileURLToPath(new URL('../../pipelines/', import.meta.url));
const valid = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(`${folder}${name}`));

/** Bytes that mean something to YAML, and some that mean nothing to anybody. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat({ max: 5 }),
  insert: fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ': ',
      '- ',
      '&a ',
      '*a',
      '|\n',
      '"',
      "'",
      '\t',
      '#',
      '%',
      '!',
      '\n',
      '---\n',
      '? ',
    ),
    fc.uint8Array({ maxLength: 4 }),
  ),
});

test('files with random bytes changed are data or findings, and every place is in the text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...valid),
      fc.array(mutation, { maxLength: 12 }),
      (file, changes) => {
        let bytes = Buffer.from(file);
        for (const { at, remove, insert } of changes) {
          const start = Math.floor(at * bytes.length);
          bytes = Buffer.concat([
            bytes.subarray(0, start),
            Buffer.from(insert as string),
            bytes.subarray(start + remove),
          ]);
        }
        const { data, findings, text } = readDocument(bytes, 'f.yaml');
        expect(data !== undefined || findings.length > 0).toBe(true);
        const lines = text.split('\n').length;
        for (const { at } of findings) {
          expect(at.line).toBeGreaterThanOrEqual(1);
          expect(at.column).toBeGreaterThanOrEqual(1);
          if (text !== '') expect(at.endLine).toBeLessThanOrEqual(lines);
        }
      },
    ),
    { numRuns: share(2000) },
  );
});
