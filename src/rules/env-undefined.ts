import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const envUndefined: Rule = {
  slug: 'env-undefined',
  severity: 'error',
  explain:
    'The file takes a value from a variable of the environment that is not set, and gives no default; or a secret would be empty. It is found where the environment counts: by run, and by validate --env.',
  wrong: inFile(`state: { dir: "${'$'}{env:STATE_DIR}" }\n`),
  right: inFile(`state: { dir: "${'$'}{env:STATE_DIR:-/var/lib/state}" }\n`),
};
