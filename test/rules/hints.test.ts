/** Hints are followed: what one tells to write must be there, and must mend the file. */
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';

function said(operators: string, from: string, lane = '') {
  const text = `version: 1
name: hints
vehicles:
  v:
    lanes:
      a: { listen: 7001, fields: { id: long, at: timestamp }, event_time: at${lane} }
operators:
${operators}
exits:
  x: { from: ${from}, for: v }
tests: [{ name: t, steps: [{ feed: { a: [{ id: 1 }] } }, { expect: { x: [] } }] }]
`;
  const { findings } = validateText(text, 'hints.yaml');
  return findings.map(({ rule, message, hint }) => ({ rule, message, hint }));
}

describe('groups that are kept for ever', () => {
  test('are no concern where there is only one', () => {
    const one = '  t: { type: top, from: a, retention: forever, order_by: id, limit: 3 }';
    expect(said(one, 't')).toEqual([]);
    const over =
      '  o: { type: over, from: a, rows: 3, retention: forever, fields: { n: count(*) } }';
    expect(said(over, 'o')).toEqual([]);
  });

  test('are bounded by what the operator can do', () => {
    const grouped = 'from: a, group_by: id, retention: forever';
    const hints = [
      said(`  x1: { type: top, ${grouped}, order_by: id, limit: 3 }`, 'x1'),
      said(`  x1: { type: over, ${grouped}, rows: 3, fields: { n: count(*) } }`, 'x1'),
      said(`  x1: { type: aggregate, ${grouped}, fields: { n: count(*) } }`, 'x1'),
    ].map(([{ rule, hint }]) => [rule, hint]);
    expect(hints).toEqual([
      ['uncapped-groups', 'write retention: 7d'],
      ['uncapped-groups', 'write retention: 7d'],
      ['uncapped-groups', 'write retention: 7d, or max_groups: 1000'],
    ]);
  });
});

describe('a stream that can be of any time', () => {
  const late = ', late_to: l';

  test('names those who can read it, and they can', () => {
    const [{ rule, hint }] = said('  d: { type: dedupe, from: l, key: id, within: 1m }', 'd', late);
    expect(rule).toBe('needs-watermark');
    expect(hint).toContain('an aggregate or a top with retention: forever');
    expect(hint).toContain('window: { batch: 10s }');
    for (const fits of [
      'type: aggregate, from: l, retention: forever, fields: { n: count(*) }',
      'type: top, from: l, retention: forever, order_by: id, limit: 1',
      'type: aggregate, from: l, window: { batch: 10s }, fields: { n: count(*) }',
      'type: top, from: l, window: { batch: 10s }, order_by: id, limit: 1',
    ]) {
      expect(said(`  r: { ${fits} }`, 'r', late)).toEqual([]);
    }
  });
});

describe('a route that is read by its own name', () => {
  test('is known, and its streams are named', () => {
    const route = '  sizes: { type: route, from: a, routes: { large: id > 9 } }';
    expect(said(route, 'sizes').filter(({ rule }) => rule === 'dangling-reference')).toEqual([
      {
        rule: 'dangling-reference',
        message: '"sizes" is a route: its streams have the names of its routes behind them',
        hint: 'write sizes.large, or sizes.rest',
      },
    ]);
  });
});

describe('what is to come', () => {
  test('is named where only a value of its field is', () => {
    const state = '  f: { type: filter, from: a, where: id > 1, state: { on_change: drain } }';
    expect(said(state, 'f').map(({ message }) => message)).toEqual([
      'on_change: drain is not supported yet',
    ]);
  });
});

describe('windows of a top', () => {
  const counts =
    '  n: { type: aggregate, from: a, window: { tumble: 10s }, group_by: id, fields: { n: count(*) } }\n';
  const pairs =
    '  j: { type: join, left: n, right: t, key: id, window: same, fields: { id: left.id } }';

  test('are those of the join that takes the same ones', () => {
    for (const window of ['same', '{ tumble: 10s }']) {
      const top = `  t: { type: top, from: n, window: ${window}, order_by: n DESC, limit: 1 }\n`;
      expect(said(counts + top + pairs, 'j')).toEqual([]);
    }
    const other = '  t: { type: top, from: n, window: { tumble: 20s }, order_by: n, limit: 1 }\n';
    const [{ message }] = said(counts + other + pairs, 'j');
    expect(message).toBe(
      '"n" has windows of tumble 10s, "t" has windows of tumble 20s: they are not the same',
    );
  });
});
