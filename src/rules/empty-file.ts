/** The file has nothing in it. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const emptyFile: Rule = {
  slug: 'empty-file',
  severity: 'error',
  explain: 'The file has nothing in it.',
  wrong: '# nothing yet\n',
  right: example(),
};
