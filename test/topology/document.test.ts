import { describe, expect, test } from '@jest/globals';
import { readDocument } from '../../src/topology/document.ts';
import { locate } from '../../src/topology/locate.ts';
import { toJson, type Value } from '../../src/topology/value.ts';

/** `slug line:column` of everything that reading finds. */
function found(text: string | Uint8Array): string[] {
  return readDocument(text, 'f.yaml').findings.map(
    ({ rule, at }) => `${rule} ${at.line}:${at.column}`,
  );
}

function data(text: string): unknown {
  const document = readDocument(text, 'f.yaml');
  return document.data === undefined ? undefined : toJson(document.data);
}

/** Where `place` points, as `line:column-line:column`. */
function where(
  text: string,
  ...args: Parameters<ReturnType<typeof readDocument>['place']>
): string {
  const { line, column, endLine, endColumn } = readDocument(text, 'f.yaml').place(...args);
  return `${line}:${column}-${endLine}:${endColumn}`;
}

describe('data', () => {
  test('keep the order of keys, also of those that read as integers', () => {
    const { data: value } = readDocument('b: 1\n"2": x\n1: y\na: z', 'f');
    expect([...(value as ReadonlyMap<string, Value>).keys()]).toEqual(['b', '2', '1', 'a']);
  });

  test('follow the core schema of YAML 1.2', () => {
    expect(data('a: [true, yes, 0x1f, 1.5, ~, "1", 1_000, 2026-01-01]')).toEqual({
      a: [true, 'yes', 31, 1.5, null, '1', '1_000', '2026-01-01'],
    });
  });

  test('have no prototype that a key could reach', () => {
    expect(Object.getPrototypeOf(data('a: {}'))).toBeNull();
    expect(found('__proto__: { a: 1 }\nb: { constructor: 1, prototype: 2 }')).toEqual([
      'bad-name 1:1',
      'bad-name 2:6',
      'bad-name 2:22',
    ]);
    expect(data('__proto__: { a: 1 }\nb: 2')).toEqual({ b: 2 });
  });

  test('take the first of two equal keys', () => {
    expect(data('a: 1\na: 2')).toEqual({ a: 1 });
  });

  test('may repeat a value by an alias', () => {
    expect(data('a: &x { b: 1 }\nc: *x\nd: [*x]')).toEqual({
      a: { b: 1 },
      c: { b: 1 },
      d: [{ b: 1 }],
    });
  });
});

describe('findings of reading', () => {
  const wrong: readonly (readonly [why: string, text: string, ...findings: string[]])[] = [
    ['nothing at all', '', 'empty-file 1:1'],
    ['only comments', '# a\n# b\n', 'empty-file 1:1'],
    ['a key twice', 'a: 1\nb: 2\na: 3', 'duplicate-key 3:1'],
    ['a key twice in braces', 'x: { a: 1, a: 2 }', 'duplicate-key 1:12'],
    ['a tag', 'a: !!binary aGk=', 'unsupported-yaml 1:4'],
    ['a tag of somebody', 'a: !include b.yaml', 'unsupported-yaml 1:4'],
    ['a directive', '%YAML 1.1\n---\na: 1', 'unsupported-yaml 1:1'],
    ['a second document', 'a: 1\n---\nb: 2', 'unsupported-yaml 2:1'],
    ['a merge key', 'a: &x { b: 1 }\nc: { <<: *x }', 'unsupported-yaml 2:6'],
    ['a key that is a list', '? [a]\n: b', 'unsupported-yaml 1:3'],
    ['an unknown anchor', 'a: *b', 'yaml-syntax 1:4'],
    ['an anchor in itself', 'a: &x [*x]', 'yaml-syntax 1:8'],
    ['a rounded integer', 'a: 9007199254740993', 'literal-range 1:4'],
    ['a tab that indents', 'a:\n\tb: 1', 'yaml-syntax 2:1'],
    ['quotes not closed', 'a: "b', 'yaml-syntax 1:6'],
    ['a bracket not closed', 'a: [1, 2', 'yaml-syntax 1:9'],
    ['indentation that fits nothing', 'a:\n  b: 1\n c: 2', 'yaml-syntax 3:1'],
    ['a line without a colon', 'a: 1\nb', 'yaml-syntax 2:1'],
    ['two values on a line', 'a: b: c', 'yaml-syntax 1:4'],
    ['a stray byte order mark', 'a: b\ufeffc', 'stray-whitespace 1:5'],
    ['a control character', 'a: \u0007', 'not-text 1:4'],
    ['a NUL', 'a: 1\nb: \u0000', 'not-text 2:4'],
    [
      'words that older readers see otherwise',
      'a: yes\nb: 012\nc: 1:30\nd: 2026-01-01\non: "no"',
      'yaml-1-1-trap 1:4',
      'yaml-1-1-trap 2:4',
      'yaml-1-1-trap 3:4',
      'yaml-1-1-trap 4:4',
      'yaml-1-1-trap 5:1',
    ],
    ['a comma in a bare expression', 'x: { a: f(b, 1), c: d }', 'needs-quotes 1:9'],
    ['a comma in a bare list', 'x: [f(b, 1), c]', 'needs-quotes 1:5'],
    ['a quote behind the comma', "x: { a: split(b, ' ') }", 'needs-quotes 1:9'],
    ['a hash in a bare expression', "x:\n  a: f(b, ' #')", 'needs-quotes 2:6'],
    ['a colon in a bare type', 'x:\n  a: struct<b: long>', 'needs-quotes 2:6'],
    ['a comma in a bare type', 'x: { a: map<string, long> }', 'needs-quotes 1:9'],
    ['a bare reference in braces', 'x: { a: $' + '{env:B} }', 'needs-quotes 1:9'],
    [
      'several at once',
      'a: 1\na: yes\nb: !x 1\nc: 99999999999999999',
      'duplicate-key 2:1',
      'yaml-1-1-trap 2:4',
      'unsupported-yaml 3:4',
      'literal-range 4:4',
    ],
  ];
  test.each(wrong)('%s', (_why, text, ...findings) => {
    expect(found(text)).toEqual(findings);
  });

  test('say what to write instead of a cut expression', () => {
    const [first] = readDocument('x: { a: f("b", 1) + 2, c: d }', 'f').findings;
    expect(first?.hint).toBe(`put it in quotes: 'f("b", 1) + 2'`);
  });

  test('leave an unclosed bracket to the check of the expression', () => {
    expect(found('x: { a: f(b }')).toEqual([]);
    expect(found('a: f(b, 1)\nc: (d # why')).toEqual([]);
  });

  test('point into bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('a: 1\nb: é'), Buffer.from([0xff, 0xfe])]);
    expect(found(bytes)).toEqual(['not-text 2:5']);
    expect(found(Buffer.from('a: 1', 'utf16le'))).toEqual(['not-text 1:2']);
  });

  test('allow a byte order mark and CR LF, and count columns without them', () => {
    expect(found(Buffer.from('\ufeffa: 1\r\na: 2\r\n'))).toEqual(['duplicate-key 2:1']);
  });

  test('name the first of two keys as a second place', () => {
    const [first] = readDocument('a: 1\nb: 2\na: 3', 'f').findings;
    expect(first?.related?.[0]?.at.line).toBe(1);
  });
});

describe('places', () => {
  test('count columns in code points', () => {
    expect(where('"🚚🚚": x', ['🚚🚚'])).toBe('1:7-1:8');
  });

  test('are the value, or the key when it is asked for', () => {
    expect(where('a:\n  b: cd', ['a', 'b'])).toBe('2:6-2:8');
    expect(where('a:\n  b: cd', ['a', 'b'], { onKey: true })).toBe('2:3-2:4');
  });

  test('of a block or of no value are the key', () => {
    expect(where('a:\n  b: 1\n  c: 2', ['a'])).toBe('1:1-1:2');
    expect(where('a:\nb: 1', ['a'])).toBe('1:1-1:2');
    expect(where('a: { b: 1 }', ['a'])).toBe('1:4-1:12');
  });

  test('of a path that leads nowhere are the nearest place above', () => {
    expect(where('a:\n  b: 1', ['a', 'x', 'y'])).toBe('1:1-1:2');
    expect(where('a: 1', [])).toBe('1:1-1:5');
    expect(where('', ['a'])).toBe('1:1-1:1');
  });

  const spans: readonly (readonly [style: string, text: string, place: string])[] = [
    ['plain', 'a: x + yy', '1:8-1:10'],
    ['in double quotes', 'a: "x + yy"', '1:9-1:11'],
    ['in single quotes', "a: 'x + yy'", '1:9-1:11'],
    ['behind an escape', 'a: "\\x78 + yy"', '1:12-1:14'],
    ['folded', 'a: >\n  x +\n  yy\n', '3:3-3:5'],
    ['literal', 'a: |\n  x +\n  yy\n', '3:3-3:5'],
    ['plain over two lines', 'a: x +\n   yy', '2:4-2:6'],
    ['in quotes over two lines', 'a: "x +\n   yy"', '2:4-2:6'],
    ['in quotes with CR LF', 'a: "x +\r\n   yy"', '2:4-2:6'],
    ['with an escaped line end', 'a: "x \\\n   + yy"', '2:6-2:8'],
  ];
  test.each(spans)('inside a scalar that is %s', (_style, text, place) => {
    expect(where(text, ['a'], { span: [4, 6] })).toBe(place);
  });

  test('inside a doubled quote', () => {
    expect(where("a: 'x = ''b'' y'", ['a'], { span: [8, 9] })).toBe('1:15-1:16');
  });

  test("keep a number's own digits", () => {
    const document = readDocument('a: 1.50\nb: 0x10\nc: "x"\nd: [1]', 'f');
    expect(document.source(['a'])).toBe('1.50');
    expect(document.source(['b'])).toBe('0x10');
    expect(document.source(['c'])).toBe('"x"');
    expect(document.source(['d'])).toBeUndefined();
    expect(document.source(['e'])).toBeUndefined();
  });

  test('inside an alias are at the anchor, the alias is the second place', () => {
    const document = readDocument('a: &x { b: 1 }\nc: *x', 'f');
    const { at, related } = locate(
      document,
      { rule: 'wrong-type', path: ['c', 'b'], message: 'no' },
      'error',
    );
    expect([at.line, at.column]).toEqual([1, 12]);
    expect(related?.map((other) => [other.at.line, other.at.column])).toEqual([[2, 4]]);
  });
});
