import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const badInterpolation: Rule = {
  slug: 'bad-interpolation',
  severity: 'error',
  explain:
    'References to the environment and to files have a form of their own, and stand only where the language allows them.',
  wrong: inFile(`state: { dir: "${'$'}{HOME}/state" }\n`),
  right: inFile('state: { dir: "/var/lib/state" }\n'),
};
