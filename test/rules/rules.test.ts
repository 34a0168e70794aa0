/** Every rule finds its own example and nothing else; everything that is found anywhere has a rule. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { rules } from '../../src/rules/index.ts';
import { validateText } from '../../src/rules/validate.ts';

const src = join(dirname(fileURLToPath(import.meta.url)), '../../src');

/** What needs an operator that is refused until it works. */
const LATER = new Set(['ambiguous-column']);

function slugsIn(text: string): string[] {
  return [...new Set(validateText(text, 'example.yaml').findings.map(({ rule }) => rule))];
}

describe('the list of rules', () => {
  test('has each slug once, in order', () => {
    const slugs = rules.map(({ slug }) => slug);
    expect(slugs).toEqual([...new Set(slugs)].sort());
  });

  test('names every slug that any layer emits', () => {
    const listed = new Set(rules.map(({ slug }) => slug));
    const emitted = new Set<string>();
    for (const layer of ['sql', 'operators', 'topology', 'rules']) {
      for (const file of readdirSync(join(src, layer))) {
        const text = readFileSync(join(src, layer, file), 'utf8');
        const shapes = [
          /\brule: '([^']+)'/g,
          /\brule = '([^']+)'/g,
          /\brule = later \? '([^']+)' : '([^']+)'/g,
          /\b(?:report|refuse|refused|problem)\(\s*(?:file,\s*\w*'?'?,\s*)?'([a-z0-9]+(?:-[a-z0-9]+)+)'/g,
          /\$comment: '([a-z]+-[a-z]+) /g,
        ];
        for (const shape of shapes) {
          for (const [, ...found] of text.matchAll(shape)) {
            for (const slug of found) if (slug !== undefined) emitted.add(slug);
          }
        }
      }
    }
    expect(emitted.size).toBeGreaterThan(25);
    expect([...emitted].filter((slug) => !listed.has(slug))).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.slug, rule] as const))('%s explains itself', (_, rule) => {
    expect(rule.explain).toMatch(/^[A-Z].{30,}\.$/);
    expect(rule.wrong).not.toBe(rule.right);
  });

  test.each(rules.filter(({ slug }) => !LATER.has(slug)).map((rule) => [rule.slug, rule] as const))(
    '%s is all that is found in its wrong example, and nothing in the right one',
    (slug, rule) => {
      expect(slugsIn(rule.wrong)).toEqual([slug]);
      expect(validateText(rule.wrong, 'x.yaml').findings[0].severity).toBe(rule.severity);
      expect(validateText(rule.right, 'x.yaml').findings).toEqual([]);
    },
  );

  test.each([...LATER])('%s waits for an operator', (slug) => {
    const rule = rules.find((one) => one.slug === slug);
    expect(slugsIn(rule?.wrong ?? '')).toEqual(['not-yet-supported']);
  });
});
