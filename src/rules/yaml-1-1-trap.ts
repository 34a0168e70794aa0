import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const yaml11Trap: Rule = {
  slug: 'yaml-1-1-trap',
  severity: 'warning',
  explain:
    'Older readers of YAML take bare words like yes, numbers like 012 and dates for something else than text. Quotes make it the same for all of them.',
  wrong: inFile('description: yes\n'),
  right: inFile('description: "yes"\n'),
};
