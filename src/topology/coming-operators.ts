/**
 * Operators that belong to the language and do not work yet. They are read, so that a file which uses them
 * gets one finding each, at its place. What gets a definition leaves this file.
 */
import { count, duration, expressions, text, textOrTexts } from './schema-parts.ts';

interface ComingOperator {
  readonly type: string;
  readonly summary: string;
  readonly properties: Readonly<Record<string, object>>;
}

const groupBy = {
  type: ['string', 'array', 'object'],
  title: 'Group by',
  description: 'Fields, or name: expression.',
};
const retention = {
  ...duration,
  pattern: `${duration.pattern}|^forever$`,
  title: 'Retention',
  description: 'How long a group is remembered after its last record.',
  examples: ['1h', 'forever'],
};
const window = {
  type: ['string', 'object'],
  title: 'Window',
  description: 'A stretch of time, or `same` as the input.',
};
const emit = {
  enum: ['on_close', 'update', 'complete'],
  title: 'Emit',
  description: 'When results leave.',
};
const every = {
  ...duration,
  title: 'Every',
  description: 'How often updates leave.',
  default: '1s',
};
const fields = { ...expressions, title: 'Fields', description: 'What leaves, in order.' };
const maxGroups = { ...count, title: 'Groups', description: 'At most.' };

export const comingOperators: readonly ComingOperator[] = [
  {
    type: 'top',
    summary: 'The first records of an order, in each group.',
    properties: {
      window,
      retention,
      group_by: groupBy,
      order_by: { ...textOrTexts, title: 'Order by', description: 'Keys with ASC or DESC.' },
      limit: { ...count, title: 'Limit', description: 'How many.' },
      ties: {
        enum: ['break', 'keep'],
        title: 'Ties',
        description: 'What becomes of equals at the end.',
        default: 'break',
      },
      rank: { ...text, title: 'Rank', description: 'The field that tells the place.' },
      emit,
      every,
      max_groups: maxGroups,
    },
  },
  {
    type: 'over',
    summary: 'Aggregates over the last rows of each record.',
    properties: {
      group_by: groupBy,
      rows: { ...count, title: 'Rows', description: 'How many.' },
      range: { ...duration, title: 'Range', description: 'How far back.' },
      fields,
      keep: {
        type: ['string', 'array'],
        title: 'Keep',
        description: 'Fields of the input that pass.',
      },
      retention,
    },
  },
];
