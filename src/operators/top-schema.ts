/** The fields an author may write in a `top`. */
import { aggregateSchema, WINDOW } from './aggregate-schema.ts';
import { GROUP_BY } from './group-by.ts';
import type { SpecSchema } from './operator.ts';
import { ORDER_BY } from './order-by.ts';
import { FIELD_NAME } from './spec.ts';

/** More are no top any more, and all of a group are sorted together. */
const LIMIT_MAX = 100_000;

const { session: _, ...windows } = WINDOW.properties;
const { every, retention, max_groups, late_to } = aggregateSchema.properties;

export const topSchema: SpecSchema = {
  properties: {
    window: { ...WINDOW, properties: windows, examples: ['same', { tumble: '10s' }] },
    group_by: {
      ...GROUP_BY,
      description:
        'Each such group has a top of its own: a field, a list of fields, or name: expression.',
    },
    order_by: ORDER_BY,
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: LIMIT_MAX,
      title: 'Limit',
      description: 'How many records of a group leave.',
      examples: [3],
    },
    ties: {
      enum: ['break', 'keep'],
      title: 'Ties',
      description:
        'Whether there are exactly `limit` records, or also those that are equal to the last of them.',
      default: 'break',
      examples: ['keep'],
    },
    rank: {
      ...FIELD_NAME,
      title: 'Rank',
      description: 'The name of a field that tells the place, behind those of the input.',
      examples: ['place'],
    },
    emit: {
      enum: ['on_close', 'update', 'complete'],
      title: 'Emit',
      description:
        'When results leave: once the window closes (the rule with a window), or as they change (without one).',
      examples: ['update'],
    },
    every,
    retention,
    max_groups,
    late_to,
  },
  required: ['order_by', 'limit'],
  coming: ['max_groups'],
};
