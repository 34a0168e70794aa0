/** `list`: one line for each thing there is. */
import { describe, expect, test } from '@jest/globals';
import { type ListKind, list } from '../../src/cli/list.ts';
import { operators } from '../../src/operators/index.ts';
import { rules } from '../../src/rules/index.ts';
import { aggregates } from '../../src/sql/aggregates.ts';
import { functions } from '../../src/sql/functions.ts';
import { capture } from '../tools/streams.ts';

function listed(kind: ListKind, format: 'human' | 'json'): string[] {
  const { streams, printed } = capture();
  expect(list(kind, { format }, streams)).toBe(0);
  return printed.out.trimEnd().split('\n');
}

describe('list', () => {
  test.each([
    ['rules', rules.map(({ slug }) => slug)],
    ['operators', operators.map(({ type }) => type)],
    ['functions', [...functions.values()].map(({ signature }) => signature)],
    ['aggregates', [...aggregates.keys()]],
  ] as const)('%s, for a person and as JSON', (kind, names) => {
    const lines = listed(kind, 'human');
    expect(lines.length).toBe(names.length);
    names.forEach((name, i) => {
      expect(lines[i].startsWith(name)).toBe(true);
    });
    const [head, ...rows] = listed(kind, 'json').map((line) => JSON.parse(line));
    expect(head).toEqual({ roundabout: 1, kind });
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.every(({ summary }) => summary.length > 0)).toBe(true);
  });

  test('codecs: all of them', () => {
    expect(listed('codecs', 'human').map((line) => line.split(' ')[0])).toEqual([
      'ndjson',
      'text',
      'csv',
      'pattern',
    ]);
  });
});
