/** The fields an author may write in an `over`. */
import { aggregateSchema } from './aggregate-schema.ts';
import { GROUP_BY } from './group-by.ts';
import type { SpecSchema } from './operator.ts';
import { DURATION, EXPRESSIONS } from './spec.ts';

/** Each record is computed from so many anew: more belong into a window. */
const ROWS_MAX = 10_000;

const { retention, late_to } = aggregateSchema.properties;

export const overSchema: SpecSchema = {
  properties: {
    group_by: {
      ...GROUP_BY,
      description:
        'Whose records before it a record is looked at with: a field, a list of fields, or name: expression.',
    },
    rows: {
      type: 'integer',
      minimum: 1,
      maximum: ROWS_MAX,
      title: 'Rows',
      description: 'How many records are taken together: itself and those of its group before it.',
      examples: [11],
    },
    range: {
      ...DURATION,
      title: 'Range',
      description:
        'How far back records of its group are taken together with it, by event time; those of its own time belong to them.',
      examples: ['10m'],
    },
    fields: {
      ...EXPRESSIONS,
      title: 'Fields',
      description:
        'What is computed of each record, by name: from its own fields, and aggregates over those taken together.',
      examples: [{ mean: 'avg(price)', above: 'price - avg(price)' }],
    },
    keep: {
      type: ['string', 'array'],
      items: { type: 'string' },
      if: { type: 'string' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { enum: ['none', 'all'] },
      title: 'Keep',
      description: 'Fields of the input that stay: `none`, `all`, or a list of names.',
      default: 'none',
      examples: ['all', ['price']],
    },
    retention: {
      ...retention,
      title: 'Retention',
      description: 'With rows: how long a group is remembered after its last record.',
      examples: ['7d', 'forever'],
    },
    late_to,
  },
  required: ['fields'],
};
