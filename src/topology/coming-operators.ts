/**
 * Operators that belong to the language and do not work yet. They are read, so that a file which uses them
 * gets one finding each, at its place. What gets a definition leaves this file.
 */
import { text, textOrTexts } from './schema-parts.ts';

interface ComingOperator {
  readonly type: string;
  readonly summary: string;
  readonly properties: Readonly<Record<string, object>>;
}

const keys = { ...textOrTexts, title: 'Key', description: 'Fields that tell records apart.' };
const unmatchedTo = {
  ...text,
  title: 'Unmatched',
  description: 'The stream for records without a partner.',
};
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
];
