import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const wrongType: Rule = {
  slug: 'wrong-type',
  severity: 'error',
  explain:
    'The value is of another kind than the field takes: text where a list belongs, a number where text belongs.',
  wrong: inFile('description: 5\n'),
  right: inFile('description: "5"\n'),
};
