/** Each rule is proved by its own examples, and each slug that is emitted anywhere has a rule. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { rules } from '../../src/rules/index.ts';
import { validateText } from '../../src/rules/validate.ts';
import { root } from '../tools/product.ts';

/** What they find is not in the file. */
const OUTSIDE = new Set(['env-undefined', 'missing-file', 'bad-table']);
/** Nothing is set, and no file is there. */
const world = { env: () => undefined, file: () => ({ problem: 'there is none' }) };
const tables = () => [{ rule: 'bad-table', message: 'line 3 is no row' }];

function slugsOf(text: string, slug: string): string[] {
  const { findings } = validateText(
    text,
    'example.yaml',
    OUTSIDE.has(slug) ? { world, tables } : {},
  );
  return [...new Set(findings.map(({ rule }) => rule))];
}

/** What a short example may leave out. */
const BESIDE = new Set(['unused-element', 'no-tests']);
/** Only what can't run yet can break these: the day it can, this list fails. */
const LATER = new Set(['latest-with-batch']);

describe('rules', () => {
  test.each(rules.map((rule) => [rule.slug, rule] as const))(
    '%s: its wrong file breaks it alone, its right file does not',
    (slug, rule) => {
      const wrong = slugsOf(rule.wrong, slug);
      if (LATER.has(slug)) {
        expect(wrong.filter((other) => other !== slug)).toEqual(['not-yet-supported']);
        return;
      }
      expect(wrong).toContain(slug);
      expect(wrong.filter((other) => other !== slug && !BESIDE.has(other))).toEqual([]);
      const right = validateText(rule.right, 'example.yaml');
      expect(right.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(right.findings.map((finding) => finding.rule)).not.toContain(slug);
      expect(right.topology).toBeDefined();
    },
  );

  test('every slug that the source emits has a rule', () => {
    const emitted = new Set<string>();
    const folders = ['diagnostics', 'sql', 'operators', 'topology', 'rules'];
    for (const folder of folders) {
      for (const name of readdirSync(join(root, 'src', folder))) {
        const text = readFileSync(join(root, 'src', folder, name), 'utf8');
        for (const match of text.matchAll(/\brule: '([a-z0-9-]+)'/g)) emitted.add(match[1]);
        for (const match of text.matchAll(/\breport\(\s*'([a-z0-9-]+)'/g)) emitted.add(match[1]);
      }
    }
    expect(emitted.size).toBeGreaterThan(15);
    const known = new Set(rules.map(({ slug }) => slug));
    expect([...emitted].filter((slug) => !known.has(slug))).toEqual([]);
  });

  test('the files we ship have nothing to say beyond notes', () => {
    for (const name of readdirSync(join(root, 'pipelines'))) {
      if (!name.endsWith('.yaml')) continue;
      const { findings } = validateText(readFileSync(join(root, 'pipelines', name)), name);
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    }
  });
});
