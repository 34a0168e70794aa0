/** The shape of an exit and of its hold: where results wait and leave. */
import type { JSONSchema } from 'json-schema-to-ts';
import {
  count,
  countFromOutside,
  duration,
  durationOrNone,
  expression,
  expressions,
  NOTES,
  size,
  text,
  textOrTexts,
  was,
} from './schema-parts.ts';

/** In front of a pattern of quantities: a hold of nothing would let nothing through. */
const ABOVE_ZERO = '^(?!(0+[a-zA-Z]+)+$)';

const ttl = {
  ...durationOrNone,
  pattern: `${ABOVE_ZERO}(${durationOrNone.pattern})`,
  title: 'Time to live',
  description: 'A record that has been held for longer expires, unless a vehicle has it in hand.',
  default: 'none',
  examples: ['14d'],
} as const satisfies JSONSchema;

const maxBytes = {
  ...size,
  pattern: `${ABOVE_ZERO}(${size.pattern}|^none$)`,
  title: 'Bytes',
  description: 'How much may be held, as it takes place on disk. `none`: until the disk is full.',
  default: '1GiB',
  examples: ['4GiB', 'none'],
} as const satisfies JSONSchema;

const maxRecords = {
  type: ['integer', 'string'],
  minimum: 1,
  $comment: 'bad-quantity count',
  pattern: `^none$|${countFromOutside.pattern}`,
  title: 'Records',
  description: 'How many records may be held.',
  default: 'none',
  examples: [100000],
} as const satisfies JSONSchema;

const holdSchema = {
  type: 'object',
  title: 'Hold',
  description: 'How long and how much waits at the exit.',
  properties: {
    ttl,
    max_bytes: maxBytes,
    max_records: maxRecords,
    on_full: {
      enum: ['block', 'drop_oldest', 'dead_letter'],
      title: 'When full',
      description:
        'The lanes behind the exit are not read until a tenth is free; or the oldest records are dropped, or go to the dead letter.',
      default: 'block',
    },
    keep: {
      enum: ['all', 'latest'],
      title: 'Keep',
      description: 'Every record, or only the latest of each key.',
      default: 'all',
    },
    key: {
      ...textOrTexts,
      minLength: 1,
      minItems: 1,
      uniqueItems: true,
      title: 'Key',
      description: 'Fields that leave, by which `keep: latest` tells records apart.',
      examples: ['order_id'],
    },
    distribution: {
      enum: ['move', 'copy'],
      title: 'Distribution',
      description: 'Each record to one receiver, or a copy to each vehicle under `for`.',
      default: 'move',
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

/** The dead letter takes whatever comes, and never stops a lane. */
const deadLetterHoldSchema = {
  type: 'object',
  title: 'Hold',
  description: 'How long and how much waits. When it is full the oldest records are dropped.',
  properties: {
    ttl,
    max_bytes: maxBytes,
    max_records: maxRecords,
    on_full: {
      enum: ['drop_oldest'],
      title: 'When full',
      description: 'The oldest records are dropped: the dead letter never stops a lane.',
      default: 'drop_oldest',
      examples: ['drop_oldest'],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

const delivery = {
  type: 'object',
  title: 'Delivery',
  description: 'How records are handed over.',
  properties: {
    batch: {
      type: 'object',
      title: 'Batch',
      description: 'Many records in one message.',
      properties: {
        records: { ...count, title: 'Records', description: 'At most, in a message.', default: 1 },
        after: {
          ...duration,
          title: 'After',
          description: 'A message waits no longer.',
          default: '0ms',
        },
      },
      additionalProperties: false,
      patternProperties: NOTES,
    },
    max_deliveries: {
      ...countFromOutside,
      title: 'Deliveries',
      description: 'After so many that failed the record goes to the dead letter.',
      default: 10,
    },
    max_unsettled: {
      ...countFromOutside,
      title: 'Unsettled',
      description: 'Messages on their way at the same time.',
      default: 1024,
    },
    durable: {
      type: 'boolean',
      title: 'Durable',
      description: 'The mark of a message that must survive.',
      default: true,
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const exitSchema = {
  type: 'object',
  title: 'Exit',
  description: 'An AMQP address where results wait until a vehicle takes them.',
  properties: {
    from: {
      ...text,
      title: 'From',
      description: 'The operator or lane whose records leave here.',
      examples: ['counts'],
    },
    address: {
      ...text,
      minLength: 1,
      title: 'Address',
      description: 'The AMQP address. Absent: the name of the exit.',
      examples: ['invoices.ready'],
    },
    for: {
      ...textOrTexts,
      title: 'For',
      description: 'The vehicle it is meant for, or several.',
      examples: ['biller'],
    },
    broker: {
      ...text,
      title: 'Broker',
      description: 'Leave by this broker of `amqp.brokers`. Absent: by the listener.',
      examples: ['central'],
    },
    format: {
      enum: ['map', 'json', 'ndjson', 'text'],
      title: 'Format',
      description: 'The body of a message.',
      default: 'map',
    },
    fields: {
      type: ['array', 'object'],
      title: 'Fields',
      description: 'What leaves, in order: names, or name: expression. Absent: all fields.',
      examples: [['word', 'count'], { total: 'price * quantity' }],
      if: { type: 'array' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { items: text, minItems: 1, uniqueItems: true },
      else: { ...expressions, minProperties: 1 },
    },
    properties: {
      ...expressions,
      title: 'Properties',
      description: 'Application properties of the message.',
      examples: [{ region: 'region' }],
    },
    subject: { ...expression, title: 'Subject', description: 'The subject of the message.' },
    hold: holdSchema,
    delivery,
    was,
  },
  required: ['from'],
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const deadLetterSchema = {
  type: 'object',
  title: 'Dead letter',
  description: 'The exit of bad records and refused messages.',
  properties: {
    address: {
      ...text,
      minLength: 1,
      title: 'Address',
      description: 'The AMQP address.',
      default: 'dead_letter',
      examples: ['repair.shop'],
    },
    for: {
      ...textOrTexts,
      title: 'For',
      description: 'The vehicle it is meant for, or several.',
      examples: ['repair'],
    },
    hold: deadLetterHoldSchema,
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;
