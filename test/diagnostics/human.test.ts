import { describe, expect, test } from '@jest/globals';
import type { Diagnostic, Place } from '../../src/diagnostics/diagnostic.ts';
import { humanFindings, humanSummary } from '../../src/diagnostics/human.ts';
import { type Look, plainPainter } from '../../src/diagnostics/look.ts';

const look: Look = { paint: plainPainter, unicode: true };

function at(line: number, column: number, endColumn: number, endLine = line): Place {
  return { file: 'fleet.yaml', line, column, endLine, endColumn };
}

function finding(place: Place, extra: Partial<Diagnostic> = {}): Diagnostic {
  return {
    rule: 'dangling-reference',
    severity: 'error',
    message: 'no lane or operator is called "biling"',
    at: place,
    ...extra,
  };
}

function print(text: string, findings: readonly Diagnostic[], how = look): string {
  return humanFindings(findings, new Map([['fleet.yaml', text]]), how);
}

describe('findings for people', () => {
  test('show slug, place, the lines with carets, and the help', () => {
    const text = 'operators:\n  joined:\n    left: sensors\n    right: biling\n';
    const hint = 'did you mean "billing" (line 6)?';
    expect(print(text, [finding(at(4, 12, 18), { hint })])).toBe(
      [
        'error dangling-reference                                         fleet.yaml:4:12',
        '  2 │   joined:',
        '  3 │     left: sensors',
        '  4 │     right: biling',
        '    │            ^^^^^^ no lane or operator is called "biling"',
        '  help: did you mean "billing" (line 6)?',
        '',
      ].join('\n'),
    );
  });

  test('show a second place with another mark', () => {
    const related = [{ at: at(1, 1, 2), message: 'first written here' }];
    const twice = finding(at(2, 1, 2), { rule: 'duplicate-key', message: '"a" again', related });
    expect(print('a: 1\na: 2', [twice])).toBe(
      [
        'error duplicate-key                                               fleet.yaml:2:1',
        '  1 │ a: 1',
        '  2 │ a: 2',
        '    │ ^ "a" again',
        '  1 │ a: 1',
        '    │ - first written here',
        '',
      ].join('\n'),
    );
  });

  test('put carets right under tabs, wide characters and pictures', () => {
    const [, line, carets] = print('\t名🚚: x', [finding(at(1, 5, 6))]).split('\n');
    expect(line).toBe('  1 │     名🚚: x');
    // Four cells of the tab, two for each wide character, two for ": ".
    expect(carets?.startsWith(`    │ ${' '.repeat(4 + 4 + 1)}^`)).toBe(true);
  });

  test('cut a long line around what is meant', () => {
    const text = `${'a'.repeat(5000)}WRONG${'b'.repeat(5000)}`;
    const [, line = '', carets = ''] = print(text, [finding(at(1, 5001, 5006))]).split('\n');
    expect(line.length).toBeLessThan(120);
    expect(line.indexOf('WRONG')).toBe(carets.indexOf('^^^^^'));
    expect(line).toMatch(/│ …a+WRONGb+…$/);
  });

  test('underline a range over several lines to the end of its first', () => {
    const [, , carets] = print('a: [1,\n 2]', [finding(at(1, 4, 4, 2))]).split('\n');
    expect(carets).toBe('    │    ^^^ no lane or operator is called "biling"');
  });

  test('never send control characters of the author to the terminal', () => {
    const evil = 'name: \u001b[2J\u202e\u009b';
    const printed = print(evil, [finding(at(1, 7, 8), { message: `"${evil}"\n` })]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(printed).toContain('\\u{1b}[2J\\u{202e}\\u{9b}');
  });

  test('use ASCII where the terminal has nothing else', () => {
    const printed = print('a: 1', [finding(at(1, 4, 5))], { paint: plainPainter, unicode: false });
    expect(printed).toContain('  1 | a: 1');
    expect(printed).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('name each severity in its colour, which is given from outside', () => {
    const paint = {
      ...plainPainter,
      warning: (text: string) => `<${text}>`,
      info: (text: string) => `(${text})`,
    };
    const related = [{ at: at(1, 2, 3), message: 'beside this' }];
    const printed = print('ab', [finding(at(1, 1, 2), { severity: 'warning', related })], {
      paint,
      unicode: true,
    });
    expect(printed).toContain('<warning> dangling-reference');
    expect(printed).toContain('<^ no lane or operator is called "biling">');
    expect(printed).toContain('(- beside this)');
  });

  test('stop at 20 in a file and count the rest', () => {
    const many = Array.from({ length: 23 }, (_, line) => finding(at(line + 1, 1, 2)));
    const printed = print('x\n'.repeat(23), many);
    expect(printed.match(/^error /gm)).toHaveLength(20);
    expect(printed.endsWith('and 3 findings more in fleet.yaml\n')).toBe(true);
  });

  test('come in the order of the file', () => {
    const printed = print('x\nx\nx', [finding(at(3, 1, 2)), finding(at(1, 1, 2))]);
    expect(printed.match(/fleet\.yaml:\d/g)).toEqual(['fleet.yaml:1', 'fleet.yaml:3']);
  });

  test('are still told when the text is not there', () => {
    expect(humanFindings([finding(at(9, 1, 2))], new Map(), look)).toContain(
      '\n  no lane or operator is called "biling"\n',
    );
  });
});

test('the summary counts what was found', () => {
  expect(humanSummary([finding(at(1, 1, 1))], 1, 38.2)).toBe(
    '1 error, 0 warnings in 1 file (38 ms)\n',
  );
  const notes = [1, 2].map(() => finding(at(1, 1, 1), { severity: 'info' }));
  expect(humanSummary(notes, 2, 5)).toBe('0 errors, 0 warnings, 2 notes in 2 files (5 ms)\n');
});
