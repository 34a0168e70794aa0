/** The fields an author may write in an `aggregate`; some are read but can't run yet. */
import { DURATION_PATTERN } from '../stream/time.ts';
import type { SpecSchema } from './operator.ts';
import { expressionSchema, fieldsSchema } from './spec.ts';

const duration = {
  type: 'string',
  $comment: 'bad-quantity duration',
  pattern: DURATION_PATTERN,
  examples: ['10s', '1h30m'],
};
const fields = fieldsSchema('What is computed of each group.', { n: 'count(*)' });

export const aggregateSchema: SpecSchema = {
  properties: {
    window: {
      title: 'The span of time that is taken together.',
      description:
        'The span of time that is taken together: `{ tumble: D }` by event time, `{ batch: D }` by arrival; ' +
        '`hop`, `session` and `same` come later.',
      anyOf: [
        { enum: ['same'] },
        {
          type: 'object',
          additionalProperties: false,
          properties: {
            tumble: duration,
            batch: duration,
            hop: duration,
            every: duration,
            session: duration,
            offset: duration,
          },
        },
      ],
      examples: [{ tumble: '10s' }, { batch: '2s' }],
    },
    group_by: {
      title: 'What records are grouped by.',
      description:
        'A field, a list of fields, or a map of names to expressions. Absent: one group.',
      anyOf: [
        { type: 'string' },
        { type: 'array', items: { type: 'string' } },
        { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
      ],
      examples: [['origin'], { day: "date_trunc('day', at)" }],
    },
    fields,
    having: expressionSchema('A condition a result must meet.', 'n >= 3'),
    emit: {
      title: 'When results leave.',
      description: 'When results leave: `on_close` of the window, or as updates.',
      enum: ['on_close', 'update', 'complete'],
      default: 'on_close',
    },
    every: {
      title: 'How often updates leave.',
      description: 'How often updates leave.',
      ...duration,
    },
    retention: {
      title: 'How long a group without records is remembered.',
      description: 'How long a group without records is remembered, where there is no window.',
      ...duration,
    },
    max_groups: {
      title: 'How many groups there may be.',
      description: 'How many groups there may be; records of further ones go to the dead letter.',
      type: 'integer',
    },
    late_to: {
      title: 'The stream of late records.',
      description: 'A name for the stream of records that came after their window had closed.',
      type: 'string',
    },
  },
  required: [],
};
