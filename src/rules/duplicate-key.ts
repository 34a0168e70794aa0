import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const duplicateKey: Rule = {
  slug: 'duplicate-key',
  severity: 'error',
  explain:
    'One mapping says the same name twice. YAML readers differ on which one counts, so one of them has to go.',
  wrong: inFile('description: one\ndescription: another\n'),
  right: inFile('description: one\n'),
};
