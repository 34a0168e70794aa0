import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

const flow = withOperator(
  'type: lookup, table: { file: areas.ndjson, fields: { region: string }, key: region }, key: region',
);

export const badTable: Rule = {
  slug: 'bad-table',
  severity: 'error',
  explain:
    'The file of a table has a line that is no row, a row without a key, or two rows with the same key. A table is loaded whole or not at all; a running flow keeps the rows it has until the file is right again.',
  wrong: `${flow}# in areas.ndjson two lines are {"region": "north"}\n`,
  right: `${flow}# in areas.ndjson one line is {"region": "north"}, one {"region": "south"}\n`,
};
