import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const strayWhitespace: Rule = {
  slug: 'stray-whitespace',
  severity: 'warning',
  explain:
    'A blank that is none to YAML, or a mark that nobody sees, stands where it becomes part of a name or a text. Often it was copied from a page.',
  wrong: inFile('description: orders\ufeff\n'),
  right: inFile('description: orders\n'),
};
