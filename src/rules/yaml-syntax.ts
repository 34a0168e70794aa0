/** The text is not YAML, so nothing in it can be judged. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const yamlSyntax: Rule = {
  slug: 'yaml-syntax',
  severity: 'error',
  explain: 'The text is not YAML, so nothing in it can be judged.',
  wrong: 'version: 1\nname: [a\n',
  right: example(),
};
