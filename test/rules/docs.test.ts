/** What the pages show must be what they say it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';
import { runTest } from '../../src/testing/run-test.ts';
import { root } from '../tools/product.ts';

/** Whole files among the snippets of a page. */
function files(page: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return Array.from(text.matchAll(/^```yaml\n(version: 1\n[\s\S]*?)^```$/gm), ([, yaml]) => yaml);
}

describe('pages', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));

  test('the language is shown in a whole file', () => {
    expect(files('language.md').length).toBeGreaterThan(0);
  });

  test.each(pages)('the files shown in %s are valid', (page) => {
    for (const yaml of files(page)) {
      const { findings } = validateText(yaml, page);
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    }
  });

  test('the tests shown in files pass', async () => {
    const read = (): Uint8Array => new Uint8Array(0);
    let run = 0;
    for (const yaml of pages.flatMap(files)) {
      const { topology, tests } = validateText(yaml, 'page.yaml');
      if (topology === undefined) throw new Error(`not valid: ${yaml}`);
      for (const one of tests) {
        const { name, failures } = await runTest(one, { topology, read, record: false });
        expect([name, failures]).toEqual([name, []]);
        run++;
      }
    }
    expect(run).toBeGreaterThan(0);
  });
});
