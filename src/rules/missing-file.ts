import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

const vehicle = (secret: string): string =>
  inFile(`vehicles:
  shop:
    secret: "${'$'}{${secret}}"
    lanes: { lines: { listen: 7001, codec: text } }
exits:
  results: { from: lines, for: shop }
`);

export const missingFile: Rule = {
  slug: 'missing-file',
  severity: 'error',
  explain:
    'A file that the topology names cannot be read. Its path is relative to the topology. The file of a table is looked for in any case, one with a secret by run, and by validate --env.',
  wrong: vehicle('file:secrets/shop'),
  right: vehicle('env:SHOP_SECRET'),
};
