/** A part of YAML that the language leaves out: tags, directives, merge keys, a second document, too many aliases. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const unsupportedYaml: Rule = {
  slug: 'unsupported-yaml',
  severity: 'error',
  explain:
    'A part of YAML that the language leaves out: tags, directives, merge keys, a second document, too many aliases.',
  wrong: example({ top: 'description: !!str text\n' }),
  right: example(),
};
