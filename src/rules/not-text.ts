import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const notText: Rule = {
  slug: 'not-text',
  severity: 'error',
  explain: 'The file holds bytes that are not UTF-8, or control characters that no text has.',
  wrong: inFile('description: "a\u0000b"\n'),
  right: inFile('description: "ab"\n'),
};
