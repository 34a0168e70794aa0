import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const strayWhitespace: Rule = {
  slug: 'stray-whitespace',
  severity: 'warning',
  explain:
    'A byte order mark stands in the middle of the file, where nobody sees it and it is part of a text.',
  wrong: inFile('description: orders\ufeff\n'),
  right: inFile('description: orders\n'),
};
