/**
 * Files with mistakes a person makes, each with what must be found in a comment at its top:
 * `# expect: slug:line:column`, all of it and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../mistakes');
const files = readdirSync(folder);

function expected(text: string): string[] {
  return Array.from(text.matchAll(/^# expect: (\S+)$/gm), ([, one]) => String(one));
}

describe('mistakes', () => {
  test('are many, and some files have several', () => {
    const counts = files.map((file) => expected(readFileSync(join(folder, file), 'utf8')).length);
    expect(files.length).toBeGreaterThanOrEqual(100);
    expect(counts.filter((count) => count > 1).length).toBeGreaterThanOrEqual(40);
    expect(Math.min(...counts)).toBe(1);
  });

  test.each(files)('%s gives what it says', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { findings, topology } = validateText(text, file);
    expect(findings.map(({ rule, at }) => `${rule}:${at.line}:${at.column}`)).toEqual(
      expected(text),
    );
    const refused = findings.some(({ severity }) => severity === 'error');
    expect(topology === undefined).toBe(refused);
  });
});
