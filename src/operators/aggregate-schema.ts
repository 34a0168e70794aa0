/** The fields an author may write in an `aggregate`; those that can't run yet are refused elsewhere. */
import { GROUP_BY } from './group-by.ts';
import type { SpecSchema } from './operator.ts';
import { DURATION, EXPRESSION, EXPRESSIONS, NOTES, STREAM_NAME } from './spec.ts';

/** The shape of `window`. */
export const WINDOW = {
  type: ['object', 'string'],
  if: { type: 'string' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { enum: ['same'] },
  properties: {
    tumble: {
      ...DURATION,
      title: 'Tumble',
      description: 'Windows of this length by event time, one after the other.',
    },
    batch: {
      ...DURATION,
      title: 'Batch',
      description:
        'Windows of this length by time of arrival, one after the other; nothing is late.',
    },
    hop: {
      ...DURATION,
      title: 'Hop',
      description: 'Windows of this length by event time, of which one begins `every` so often.',
    },
    every: {
      ...DURATION,
      title: 'Every',
      description: 'How far the beginnings of hops are apart.',
    },
    session: {
      ...DURATION,
      title: 'Session',
      description: 'Records of a group that are no farther apart than this.',
    },
    offset: {
      ...DURATION,
      title: 'Offset',
      description: 'How far windows are shifted against 1970-01-01T00:00:00Z.',
      default: '0s',
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
  title: 'Window',
  description: 'The stretch of time that is taken together, or `same`: that of the input.',
  examples: [{ tumble: '10s' }, { batch: '2s' }],
};

export const aggregateSchema: SpecSchema = {
  properties: {
    window: WINDOW,
    group_by: GROUP_BY,
    fields: {
      ...EXPRESSIONS,
      title: 'Fields',
      description:
        'What is computed of each group, by name: from aggregates, the fields of group_by, window_start and window_end.',
      examples: [{ n: 'count(*)', mean: 'sum(price) / count(*)' }],
    },
    having: {
      ...EXPRESSION,
      title: 'Having',
      description: 'What a result must meet to leave: from output fields and aggregates.',
      examples: ['n >= 3'],
    },
    emit: {
      enum: ['on_close', 'update', 'complete'],
      title: 'Emit',
      description:
        'When results leave: once the window closes (the rule with a window), as they change (without one), or all of them if one has (with `max_groups`).',
      examples: ['update', 'complete'],
    },
    every: {
      ...DURATION,
      title: 'Every',
      description: 'How often groups without a window leave, if they have changed. Absent: 1s.',
      examples: ['5s'],
    },
    retention: {
      ...DURATION,
      pattern: `${DURATION.pattern}|^forever$`,
      title: 'Retention',
      description: 'Without a window: how long a group is remembered after its last record.',
      examples: ['1h', 'forever'],
    },
    max_groups: {
      type: 'integer',
      minimum: 1,
      title: 'Groups',
      description:
        'Without a window: how many groups there may be; records of further ones go to the dead letter.',
      examples: [100000],
    },
    late_to: {
      ...STREAM_NAME,
      title: 'Late records',
      description: 'The name of a stream of the records that came after their window had closed.',
      examples: ['too_late'],
    },
  },
  required: [],
};
