import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const yamlSyntax: Rule = {
  slug: 'yaml-syntax',
  severity: 'error',
  explain:
    'The text is not YAML, so nothing can be said about what it means. Often an indentation does not fit, or a quote or bracket is not closed.',
  wrong: inFile('description: "orders of today\n'),
  right: inFile('description: "orders of today"\n'),
};
