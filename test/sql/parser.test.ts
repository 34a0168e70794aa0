/** The syntax of expressions: what binds how, what is refused and where, and that nothing ever throws. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { childrenOf, type Node } from '../../src/sql/ast.ts';
import { DEPTH_MAX, parse, TEXT_BYTES_MAX } from '../../src/sql/parser.ts';
import { print } from '../../src/sql/print.ts';
import { share } from '../tools/campaign.ts';

function tree(text: string): Node {
  const result = parse(text);
  if ('problem' in result) throw new Error(`${text}: ${result.problem.message}`);
  return result.node;
}

/** The problem of a text, its span shown as the text it covers. */
function refused(text: string): { rule: string; at: string; message: string; hint?: string } {
  const result = parse(text);
  if ('node' in result) throw new Error(`${text} was accepted`);
  const { rule, start, end, message, hint } = result.problem;
  return { rule, at: text.slice(start, end), message, ...(hint === undefined ? {} : { hint }) };
}

/** A tree without its spans and without the spelling of spans inside it. */
function bare(node: Node): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value) =>
      ['start', 'end', 'nameAt', 'typeAt'].includes(key) ? undefined : value,
    ),
  );
}

/** Every operator with its operands in parentheses, so that a test shows how a text groups. */
function grouped(node: Node): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${node.operands.map(grouped).join(` ${node.kind} `)})`;
    case 'arithmetic':
    case 'comparison':
      return `(${grouped(node.left)} ${node.operator} ${grouped(node.right)})`;
    case 'minus':
    case 'not':
      return `(${node.kind} ${grouped(node.operand)})`;
    default:
      return print(node);
  }
}

describe('precedence', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ["a || 'x' + b", "((a || 'x') + b)"],
    ['a * b DIV c % d', '(((a * b) DIV c) % d)'],
    ['-a * b', '((minus a) * b)'],
    ['- - a', '(minus (minus a))'],
    ['-a[0]', '(minus a[0])'],
    ['not a = b and c', '((not (a = b)) and c)'],
    ['a or b and c or d', '(a or (b and c) or d)'],
    ['(a or b) and c', '((a or b) and c)'],
    ['a == b + 1', '(a = (b + 1))'],
    ['a != b', '(a <> b)'],
    ['a <=> b', '(a <=> b)'],
    ['a is not distinct from b + 1', '(a IS NOT DISTINCT FROM (b + 1))'],
    ['not not a', '(not (not a))'],
    ['(a = b) = c', '((a = b) = c)'],
  ];
  test.each(cases)('%s groups as %s', (text, expected) => {
    expect(grouped(tree(text))).toBe(expected);
  });

  test('BETWEEN takes the nearest AND', () => {
    expect(tree('a between 1 and 2 and b')).toMatchObject({
      kind: 'and',
      operands: [
        { kind: 'between', negated: false },
        { kind: 'name', name: 'b' },
      ],
    });
  });

  test('keywords ignore case, names do not', () => {
    expect(bare(tree('Price iS nOt nUlL'))).toEqual({
      kind: 'is',
      operand: { kind: 'name', name: 'Price' },
      negated: true,
      what: 'NULL',
    });
  });

  test('words that are only sometimes keywords can be names', () => {
    for (const word of ['timestamp', 'interval', 'filter', 'extract', 'cast', 'from', 'as', 'r']) {
      expect(bare(tree(word))).toEqual({ kind: 'name', name: word });
    }
  });
});

describe('literals', () => {
  const strings: readonly (readonly [string, string])[] = [
    ["'it''s'", "it's"],
    ["'a\\\\b\\'c\\n\\t\\r'", "a\\b'c\n\t\r"],
    ["'\\u00e9\\ud83d\\ude00'", 'é😀'],
    ["r'\\d+'", '\\d+'],
    ["R'\\'", '\\'],
    ["''", ''],
  ];
  test.each(strings)('%s is a text', (text, value) => {
    expect(bare(tree(text))).toEqual({ kind: 'string', value });
  });

  test('a number without fraction and exponent is a long, any other a double', () => {
    expect(['12', '12L', '12l'].map((text) => bare(tree(text)))).toEqual(
      Array(3).fill({ kind: 'long', digits: '12' }),
    );
    expect(['0.908', '1e-3', '2D', '.5', '1.', '1E3'].map((text) => tree(text))).toMatchObject(
      [0.908, 0.001, 2, 0.5, 1, 1000].map((value) => ({ kind: 'double', value })),
    );
  });
});

describe('one syntax error, at its place', () => {
  const cases: readonly (readonly [text: string, at: string, message: string])[] = [
    ['', '', 'expected a value, found the end of the expression'],
    ['a +', '', 'expected a value, found the end of the expression'],
    ['a b', 'b', 'expected an operator or the end, found `b`'],
    ['f(a', '', 'expected `)`, found the end of the expression'],
    ['(a, b)', '', 'expected `->`, found the end of the expression'],
    ['a[1', '', 'expected `]`, found the end of the expression'],
    ['case when a then 1', '', 'expected `END`, found the end of the expression'],
    ['case a else 1 end', 'else', 'expected `WHEN`, found `else`'],
    ['a is 3', '3', 'expected NOT, NULL, TRUE, FALSE or DISTINCT FROM, found `3`'],
    ['a between 1 or 2', 'or', 'expected `AND`, found `or`'],
    ['a like b', 'b', "expected a pattern in '...', found `b`"],
    ['a = and', 'and', 'expected a name, found the reserved word AND'],
    ['a < b < c', '<', 'comparisons do not chain'],
    ['a = b is null', 'is', 'comparisons do not chain'],
    ["'abc", "'abc", 'this text has no end'],
    ['`abc', '`abc', 'this name has no end'],
    ["'\\d'", '\\d', '\\d is not an escape'],
    ["'\\ud800'", "'\\ud800'", 'this text has half of a surrogate pair, which is no character'],
    ['12abc', '12abc', '12abc is neither a number nor a name'],
    ['1.5L', '1.5L', '1.5L has a fraction, so it is no long'],
    ['2BD', '2BD', 'the suffix BD is not part of the language'],
    ['+a', '+', '+ before a value does nothing'],
    ['größe', 'ö', 'a bare name has no ö'],
    ['a ? b', '?', '"?" is not part of an expression'],
    ['``', '``', 'a name has at least one character'],
    ['cast(a as decimal(3, 2))', 'decimal', 'a CAST gives no decimal with parameters'],
  ];
  test.each(cases)('%s', (text, at, message) => {
    expect(refused(text)).toMatchObject({ rule: 'expression-syntax', at, message });
  });

  const hinted: readonly (readonly [text: string, at: string, hint: RegExp])[] = [
    ['"a" = 1', '"', /'text' for a text/],
    ['a -- b', '--', /YAML comment/],
    ['a /* b */', '/*', /YAML comment/],
    ['a & b', '&', /AND/],
    ['a << 2', '<<', /AND/],
    ['!a', '!', /NOT/],
    ['a::bigint', '::', /CAST/],
    ['a;', ';', /leave it out/],
    [`$\{env:A}`, `$\{`, /params/],
    ['a = ‘x’', '‘', /'\.\.\.'/],
    ['(select a from b)', 'select', /join or lookup/],
    ['a in (select b from c)', 'select', /join or lookup/],
    ['exists(select 1)', 'select', /join or lookup/],
    ['sum(a) over (b)', 'over', /operator `over`/],
    ['collect_list(a order by b)', 'order', /sort_array/],
    ['extract(second from t)', 'second', /second\(t\)/],
  ];
  test.each(hinted)('%s says what to write instead', (text, at, hint) => {
    const problem = refused(text);
    expect(problem).toMatchObject({ rule: 'expression-syntax', at });
    expect(problem.hint).toMatch(hint);
  });

  test('whichever mistake stands first in the text is told', () => {
    expect(refused('a b "c"').at).toBe('b');
    expect(refused('a "c" b)').at).toBe('"');
  });
});

describe('lambdas', () => {
  test.each([
    ['transform(xs, x -> x + 1)', 'transform(xs, x -> x + 1)', ['x']],
    ['transform(xs, ( x , i )->x+i)', 'transform(xs, (x, i) -> x + i)', ['x', 'i']],
    ['exists(xs, (`a b`) -> `a b`)', 'exists(xs, `a b` -> `a b`)', ['a b']],
    ['filter(xs, x -> a or b)', 'filter(xs, x -> a OR b)', ['x']],
  ])('%s', (text, printed, names) => {
    const node = tree(text);
    expect(print(node)).toBe(printed);
    expect(tree(printed)).toMatchObject({ args: [{ kind: 'name' }, { kind: 'lambda', names }] });
  });

  test('nest to the right and need parentheses elsewhere', () => {
    expect(tree('x -> y -> x')).toMatchObject({ kind: 'lambda', body: { kind: 'lambda' } });
    expect(print(tree('(x -> x) + 1'))).toBe('(x -> x) + 1');
    expect(refused('(a.b) -> a').at).toBe('->');
  });
});

describe('what comes later is read whole', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a like 'x%' escape '!' and b", "a like 'x%' escape '!'", 'LIKE'],
    ["a + 1 not rlike r'\\d'", "a + 1 not rlike r'\\d'", 'RLIKE'],
    ['1 + extract(year from t)', 'extract(year from t)', 'EXTRACT'],
    ['t - interval 10 seconds', 'interval 10 seconds', 'an INTERVAL literal'],
    ["t + interval '1:30' hour to minute", "interval '1:30' hour to minute", 'an INTERVAL literal'],
  ];
  test.each(cases)('%s', (text, at, what) => {
    const found: Node[] = [];
    const visit = (node: Node): void => {
      if (node.kind === 'later') found.push(node);
      childrenOf(node).forEach(visit);
    };
    visit(tree(text));
    expect(found).toMatchObject([{ what, text: at }]);
    expect(text.slice(found[0].start, found[0].end)).toBe(at);
  });
});

describe('limits', () => {
  test('a text of 4 KiB is read, one byte more is not', () => {
    const text = `'${'x'.repeat(TEXT_BYTES_MAX - 2)}'`;
    expect(tree(text).kind).toBe('string');
    expect(refused(`${text} `)).toMatchObject({ rule: 'expression-limit', at: `${text} ` });
    expect(refused(`'${'é'.repeat(TEXT_BYTES_MAX / 2)}'`).rule).toBe('expression-limit');
  });

  const nested: readonly (readonly [string, (depth: number) => string])[] = [
    ['parentheses', (depth) => `${'('.repeat(depth)}a${')'.repeat(depth)}`],
    ['signs', (depth) => `${'- '.repeat(depth)}a`],
    ['negations', (depth) => `${'not '.repeat(depth)}a`],
    ['sums', (depth) => `a${' + a'.repeat(depth)}`],
    ['indexes', (depth) => `a${'[0]'.repeat(depth)}`],
    ['calls', (depth) => `${'f('.repeat(depth)}a${')'.repeat(depth)}`],
  ];
  test.each(nested)('%s nest so deep and no deeper', (_, text) => {
    expect(parse(text(DEPTH_MAX - 1))).toHaveProperty('node');
    expect(refused(text(DEPTH_MAX)).rule).toBe('expression-limit');
    expect(refused(text(600)).rule).toBe('expression-limit');
  });

  test('a chain of AND or OR is no depth', () => {
    expect(tree(Array(500).fill('a').join(' or ')).kind).toBe('or');
  });
});

const SPAN = { start: 0, end: 0 };
const names = fc.constantFrom(
  'a',
  'b',
  'odd name',
  'select',
  'a`b',
  'Größe',
  'end',
  'timestamp',
  '😀',
);
const leaves: fc.Arbitrary<Node> = fc.oneof(
  fc.nat().map((n): Node => ({ kind: 'long', digits: String(n), ...SPAN })),
  fc
    .double({ min: 0, noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Object.is(value, -0))
    .map((value): Node => ({ kind: 'double', value, ...SPAN })),
  fc.string({ unit: 'binary' }).map((value): Node => ({ kind: 'string', value, ...SPAN })),
  fc.string({ unit: 'grapheme' }).map((value): Node => ({ kind: 'timestamp', value, ...SPAN })),
  fc.boolean().map((value): Node => ({ kind: 'boolean', value, ...SPAN })),
  fc.constant<Node>({ kind: 'null', ...SPAN }),
  names.map((name): Node => ({ kind: 'name', name, ...SPAN })),
);

function inner(node: fc.Arbitrary<Node>): fc.Arbitrary<Node> {
  const maybe = fc.option(node, { nil: undefined });
  const some = fc.array(node, { minLength: 1, maxLength: 3 });
  const chain = (kind: 'and' | 'or'): fc.Arbitrary<Node> =>
    fc
      .array(node, { minLength: 2, maxLength: 3 })
      .map((operands): Node => ({ kind, operands, ...SPAN }));
  const of = <K extends Node['kind']>(
    kind: K,
    parts: Record<string, fc.Arbitrary<unknown>>,
  ): fc.Arbitrary<Node> => fc.record(parts).map((rest) => ({ kind, ...rest, ...SPAN }) as Node);
  const one = fc.constantFrom.bind(fc);
  return fc.oneof(
    chain('and'),
    chain('or'),
    of('minus', { operand: node }),
    of('not', { operand: node }),
    of('arithmetic', {
      operator: one('+', '-', '*', '/', '%', 'DIV', '||'),
      left: node,
      right: node,
    }),
    of('comparison', {
      operator: one('=', '<>', '<', '<=', '>=', '<=>', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'),
      left: node,
      right: node,
    }),
    of('is', { operand: node, negated: fc.boolean(), what: one('NULL', 'TRUE', 'FALSE') }),
    of('between', { operand: node, negated: fc.boolean(), low: node, high: node }),
    of('in', { operand: node, negated: fc.boolean(), options: some }),
    of('case', {
      subject: maybe,
      branches: fc.array(fc.record({ when: node, gives: node }), { minLength: 1, maxLength: 2 }),
      otherwise: maybe,
    }),
    of('cast', { operand: node, type: names, typeAt: one(SPAN), written: one('CAST', 'TRY_CAST') }),
    of('call', {
      name: one('f', 'count', 'Sum'),
      nameAt: one(SPAN),
      star: one(false),
      distinct: one(undefined),
      args: fc.array(node, { maxLength: 3 }),
      filter: maybe,
    }),
    of('field', { base: node, name: names, nameAt: one(SPAN) }),
    of('index', { base: node, index: node }),
  );
}

const trees = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
    leaves,
    inner(tie('node')),
  ),
})).node;

describe('any tree, any text', () => {
  test('a tree printed and read again is the same tree', () => {
    let read = 0;
    fc.assert(
      fc.property(trees, (node) => {
        const text = print(node);
        const result = parse(text);
        // Only size may stand in the way.
        if ('problem' in result) return result.problem.rule === 'expression-limit';
        read++;
        expect(bare(result.node)).toEqual(bare(node));
        expect(print(result.node)).toBe(text);
        return true;
      }),
      { numRuns: share(3000) },
    );
    expect(read).toBeGreaterThan(share(1000));
  });

  const pieces = (
    "a b `c d` 1 2.5 1e9 9L 'x' 'it''s' r'\\d' + - * / % || DIV = == <=> <> != < <= > >= ( ) [ ] , . -> " +
    'AND OR NOT IS NULL TRUE IN BETWEEN LIKE RLIKE ESCAPE CASE WHEN THEN ELSE END DISTINCT FROM CAST TRY_CAST ' +
    'AS EXTRACT SECOND INTERVAL TIMESTAMP SELECT FILTER WHERE OVER ORDER f( sum( -- " & ! :: ${ \' ` ü 😀 \\'
  ).split(' ');

  test('texts of random pieces give a tree or one problem, spans inside the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.string()), {
          maxLength: 12,
        }),
        fc.constantFrom('', ' '),
        (parts, gap) => {
          const text = parts.join(gap);
          const result = parse(text);
          const inside = ({ start, end }: { start: number; end: number }): boolean =>
            start >= 0 && start <= end && end <= text.length;
          if ('problem' in result) return inside(result.problem);
          const sound = (node: Node): boolean =>
            inside(node) &&
            childrenOf(node).every(
              (child) => node.start <= child.start && child.end <= node.end && sound(child),
            );
          return sound(result.node);
        },
      ),
      { numRuns: share(20_000) },
    );
  });
});
