/** What says in which order the records of an input came, for aggregates whose result depends on it. */
import { LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import type { Expression } from './expression.ts';
import { expressionOf } from './expression-of.ts';

const time = expressionOf('_time', {
  kind: 'read',
  slot: { from: 'event_time' },
  type: TIMESTAMP,
  nullable: false,
});
const lane = expressionOf('_lane', {
  kind: 'read',
  slot: { from: 'lane' },
  type: STRING,
  nullable: false,
});
const line = expressionOf('_seq', {
  kind: 'read',
  slot: { from: 'sequence' },
  type: LONG,
  nullable: false,
});

/** Time, lane and number of the line; behind an operator with state, where lines are gone, time alone. */
export function orderOf(stateless: boolean): readonly Expression[] {
  return stateless ? [time, lane, line] : [time];
}
