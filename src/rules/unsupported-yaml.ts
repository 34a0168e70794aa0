import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const unsupportedYaml: Rule = {
  slug: 'unsupported-yaml',
  severity: 'error',
  explain:
    'Tags, directives, merge keys, further documents and many aliases are YAML, but no part of a topology: they would hide what it says.',
  wrong: inFile('description: !!str orders\n'),
  right: inFile('description: orders\n'),
};
