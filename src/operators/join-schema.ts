/** The fields an author may write in a `join`. */
import type { SpecSchema } from './operator.ts';
import { DURATION, EXPRESSION, EXPRESSIONS, NOTES, STREAM_NAME, STREAM_NAMES } from './spec.ts';

const FIELD = { type: 'string' };
const keyPair = {
  properties: {
    left: {
      ...FIELD,
      title: 'Left',
      description: 'The field of the left side.',
      examples: ['order_id'],
    },
    right: {
      ...FIELD,
      title: 'Right',
      description: 'The field of the right side.',
      examples: ['reference'],
    },
  },
  required: ['left', 'right'],
  additionalProperties: false,
  patternProperties: NOTES,
};

const key = {
  type: ['string', 'array', 'object'],
  minItems: 1,
  items: { type: ['string', 'object'], ...keyPair },
  ...keyPair,
  title: 'Key',
  description: 'The field, or the fields, that are equal in both records of a pair.',
  examples: ['order_id', ['region', 'day'], { left: 'id', right: 'order_id' }],
};

const within = {
  ...DURATION,
  type: ['string', 'object'],
  minProperties: 1,
  properties: {
    before: {
      ...DURATION,
      title: 'Before',
      description: 'How much earlier than the left record the right one may be.',
      default: '0s',
    },
    after: {
      ...DURATION,
      title: 'After',
      description: 'How much later than the left record the right one may be.',
      default: '0s',
    },
    until: {
      ...FIELD,
      title: 'Until',
      description:
        'A field of the left record, a timestamp, that may end its time earlier than `after` does (`per: left`).',
      examples: ['expires_at'],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
  title: 'Within',
  description: 'How far apart in time the two records of a pair may be.',
  examples: ['10m', { before: '5m', after: '2d' }],
};

export const joinSchema: SpecSchema = {
  properties: {
    kind: {
      enum: ['inner', 'left', 'right', 'full', 'semi', 'anti'],
      title: 'Kind',
      description:
        'What leaves: pairs (inner); also left records, right ones or both that have no partner; left records that have one (semi), or none (anti).',
      default: 'inner',
      examples: ['left'],
    },
    key,
    within,
    retention: {
      ...DURATION,
      pattern: `${DURATION.pattern}|^forever$`,
      title: 'Retention',
      description:
        'How long a version of the right side counts if no other takes its place (`as_of`). Without `as_of` only `forever`: every record is kept, and pairs are not bounded in time.',
      examples: ['7d', 'forever'],
    },
    where: {
      ...EXPRESSION,
      title: 'Where',
      description: 'A further condition of a pair; one that does not meet it is none.',
      examples: ['payments.paid >= orders.amount'],
    },
    fields: {
      ...EXPRESSIONS,
      minProperties: 1,
      title: 'Fields',
      description:
        'What leaves, by name; absent: the left fields, then those of the right that are no keys.',
      examples: [{ order_id: 'order_id', paid: 'payments.at' }],
    },
    unmatched_to: {
      ...STREAM_NAME,
      title: 'Unmatched',
      description: 'The name of a stream of the left records that have found no partner.',
      examples: ['unpaid'],
    },
    late_to: {
      type: ['string', 'object'],
      ...STREAM_NAMES,
      minProperties: 1,
      properties: {
        left: {
          ...STREAM_NAME,
          title: 'Left',
          description: 'Of the left side.',
          examples: ['late_orders'],
        },
        right: {
          ...STREAM_NAME,
          title: 'Right',
          description: 'Of the right side.',
          examples: ['late_payments'],
        },
      },
      additionalProperties: false,
      patternProperties: NOTES,
      title: 'Late records',
      description: 'The name of a stream of late records, or one for each side.',
      examples: ['too_late', { left: 'late_orders', right: 'late_payments' }],
    },
    window: {
      enum: ['same'],
      title: 'Window',
      description:
        'In place of `within`: both sides are results of equal windows, and those of the same window are pairs.',
      examples: ['same'],
    },
    as_of: {
      enum: ['event_time', 'arrival'],
      title: 'As of',
      description:
        'Each left record is looked up in the newest version of the right side: the one that has come when the left record comes (`arrival`), or the last one by event time that is not later than it (`event_time`).',
      examples: ['arrival'],
    },
    per: {
      enum: ['left'],
      title: 'Per',
      description:
        'One result for each record of this side, once the time that `within` gives it is over; `fields` may aggregate over its partners.',
      examples: ['left'],
    },
  },
  required: ['key'],
};
