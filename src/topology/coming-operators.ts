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

const keys = { ...textOrTexts, title: 'Key', description: 'Fields that tell records apart.' };
const groupBy = {
  type: ['string', 'array', 'object'],
  title: 'Group by',
  description: 'Fields, or name: expression.',
};
const unmatchedTo = {
  ...text,
  title: 'Unmatched',
  description: 'The stream for records without a partner.',
};
const retention = {
  ...duration,
  pattern: `${duration.pattern}|^forever$`,
  title: 'Retention',
  description: 'How long a group is remembered after its last record.',
  examples: ['1h', 'forever'],
};
const fields = { ...expressions, title: 'Fields', description: 'What leaves, in order.' };

export const comingOperators: readonly ComingOperator[] = [
  {
    type: 'lookup',
    summary: 'Adds the fields of a table in a file.',
    properties: {
      table: { type: 'object', title: 'Table', description: 'File, codec, fields and key.' },
      key: keys,
      kind: {
        enum: ['inner', 'left'],
        title: 'Kind',
        description: 'What becomes of records without a partner.',
        default: 'inner',
      },
      unmatched_to: unmatchedTo,
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
