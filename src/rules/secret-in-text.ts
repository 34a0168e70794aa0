import { elements } from '../topology/read-value.ts';
import { entry } from '../topology/value.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const vehicle = (secret: string): string =>
  inFile(`vehicles:
  shop:
    secret: "${secret}"
    lanes: { lines: { listen: 7001, codec: text } }
exits:
  results: { from: lines, for: shop }
`);

export const secretInText: Rule = {
  slug: 'secret-in-text',
  severity: 'error',
  explain:
    'A secret that is written in the file is in every copy of it, and in its history. The file says where the secret is: in the environment, or in a file of its own.',
  wrong: vehicle('correct horse'),
  right: vehicle(`${'$'}{env:SHOP_SECRET}`),
  check,
};

/** Nothing but one reference, and no default in it. */
const REFERENCE = /^\$\{(?:env:\w+|file:[^}]+)\}$/;

function check({ data, report }: RuleContext): void {
  for (const [name, vehicle] of elements(entry(data, 'vehicles'))) {
    const secret = vehicle.get('secret');
    if (typeof secret !== 'string' || REFERENCE.test(secret)) continue;
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_SECRET`;
    report({
      path: ['vehicles', name, 'secret'],
      message: `the secret of "${name}" is written in the file`,
      hint: `write "${'$'}{env:${variable}}", or "${'$'}{file:...}"`,
    });
  }
}
