import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const notConstant: Rule = {
  slug: 'not-constant',
  severity: 'error',
  explain: 'This argument must be a literal, since the same is done to every record.',
  wrong: withOperator('type: select, fields: { t: "date_trunc(region, at)" }'),
  right: withOperator('type: select, fields: { t: "date_trunc(\'hour\', at)" }'),
};
