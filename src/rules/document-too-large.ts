import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const documentTooLarge: Rule = {
  slug: 'document-too-large',
  severity: 'error',
  explain:
    'A topology is written by a person. A file above 256 KiB, 32 levels or 5,000 values holds something else.',
  wrong: inFile(`# ${'x'.repeat(256 * 1024)}\n`),
  right: inFile('# data stays in files of its own\n'),
};
