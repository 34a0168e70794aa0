import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const emptyFile: Rule = {
  slug: 'empty-file',
  severity: 'error',
  explain: 'There is nothing in the file, or only comments.',
  wrong: '# nothing yet\n',
  right: inFile(''),
};
