import type { Rule } from './rule.ts';

export const unsupportedVersion: Rule = {
  slug: 'unsupported-version',
  severity: 'error',
  explain: 'The file is written in a version of this language that this program does not know.',
  wrong: 'version: 2\nname: example\n',
  right: 'version: 1\nname: example\n',
};
