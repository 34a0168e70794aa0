import { expect, test } from '@jest/globals';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { writeJson } from '../../src/diagnostics/json.ts';
import { judged } from '../tools/judged.ts';

function rows(findings: readonly Diagnostic[]): unknown[] {
  const text = writeJson(judged(findings, { 'a.yaml': 'a: 1\n' }));
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('findings are one JSON object a line between a header and a summary', () => {
  const at = { file: 'a.yaml', line: 2, column: 3, endLine: 2, endColumn: 9 };
  const related = [{ at: { ...at, line: 1, endLine: 1 }, message: 'first written here' }];
  const findings: Diagnostic[] = [
    { rule: 'duplicate-key', severity: 'error', message: 'said\ntwice', at, related },
    { rule: 'unused-element', severity: 'warning', message: 'nobody', at, hint: 'remove it' },
  ];
  const place = { file: 'a.yaml', line: 2, column: 3, end_line: 2, end_column: 9 };
  expect(rows(findings)).toEqual([
    { roundabout: 1, kind: 'findings' },
    {
      kind: 'finding',
      rule: 'duplicate-key',
      severity: 'error',
      ...place,
      message: 'said\ntwice',
      hint: null,
      related: [{ ...place, line: 1, end_line: 1, message: 'first written here' }],
    },
    {
      kind: 'finding',
      rule: 'unused-element',
      severity: 'warning',
      ...place,
      message: 'nobody',
      hint: 'remove it',
      related: [],
    },
    { kind: 'summary', files: 1, errors: 1, warnings: 1, infos: 0 },
  ]);
});

test('without findings there are still a header and a summary', () => {
  expect(rows([])).toHaveLength(2);
});
