/** Every topology in the documentation is one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';
import { root } from '../tools/product.ts';

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

const snippets = pages
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const found = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)];
    return found.map(
      (match) => [`${page}:${text.slice(0, match.index).split('\n').length}`, match[1]] as const,
    );
  })
  .filter(([, text]) => /^version:/m.test(text));

describe('topologies in the documentation', () => {
  test('are there', () => {
    expect(snippets.length).toBeGreaterThan(3);
  });

  test.each(snippets)('%s has nothing wrong with it', (place, text) => {
    const { findings } = validateText(text, place);
    const shown = findings.filter(({ severity }) => severity !== 'info');
    expect(shown.map(({ rule, at, message }) => `${rule} ${at.line}: ${message}`)).toEqual([]);
  });
});
