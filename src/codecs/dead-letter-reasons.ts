/** Why something became a dead letter, and what that means: the one list, which docs/reference.md shows. */
export const DEAD_LETTER_REASONS = {
  'not-utf8': 'The line is no UTF-8.',
  'not-json': 'The line is no JSON.',
  'not-an-object': 'The line is JSON, but no object.',
  'not-csv': 'The line cannot be taken apart into cells.',
  'wrong-cell-count': 'The line of CSV has more or fewer cells than there are columns.',
  'bad-header':
    'The header of the connection names no columns that can be read; or the line stands under such a one.',
  'no-match': 'The pattern of the lane does not match the line.',
  'missing-field': 'A field that the lane requires is missing or null.',
  'unknown-field': 'A field is not listed, and the lane has `unknown_fields: reject`.',
  'wrong-type': 'A field has a value of another type, or a time that its pattern does not take.',
  'number-too-large': 'A long is beyond 2^53 - 1.',
  'bad-event-time': 'The record has no event time, or one out of range.',
  'line-too-long': 'The line is longer than `limits.max_line`.',
  'strict-null':
    'A field that `strict` of a `select` names is NULL, though all that it reads is there.',
  'too-many-groups': 'The record would open a group beyond `max_groups` of an `aggregate`.',
  'message-too-large': 'The message would have more than 1 MiB.',
  rejected: 'A receiver has rejected the message.',
  'too-many-deliveries':
    'The message was delivered `delivery.max_deliveries` times, and failed each time.',
  'hold-full': 'The hold of an exit was full, and `hold.on_full` says `dead_letter`.',
} as const;

export type DeadLetterReason = keyof typeof DEAD_LETTER_REASONS;
