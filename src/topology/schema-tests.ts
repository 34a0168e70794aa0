/** The shape of a topology's own tests: steps in virtual time, and what must have come out. */
import type { JSONSchema } from 'json-schema-to-ts';
import { duration, NOTES, text } from './schema-parts.ts';

/** In a feed: records as the vehicle would send them. */
const fed = {
  type: ['array', 'object'],
  title: 'Fed',
  description:
    'Records in the form of the wire: fields by name, or the text of a line; or `{ file }` for the lines of a file.',
  examples: [[{ id: 1, region: 'north' }, 'not a record'], { file: 'orders.ndjson' }],
  if: { type: 'array' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { items: { type: ['object', 'string'] }, minItems: 1 },
  else: {
    properties: {
      file: {
        ...text,
        minLength: 1,
        title: 'File',
        description: 'Its lines are fed; relative to this file.',
        examples: ['orders.ndjson'],
      },
    },
    required: ['file'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
} as const satisfies JSONSchema;

const records = {
  type: 'array',
  items: { type: 'object' },
  title: 'Records',
  description: 'All of them, in any order unless `ordered`; only named fields are compared.',
  examples: [[{ region: 'north', paid: 40 }]],
} as const satisfies JSONSchema;

/** `null` is what `test --record` fills in. */
const expectedRecords = {
  type: ['array', 'object', 'null'],
  title: 'Expected records',
  description:
    'What has come since the last look: a list, or `{ records, ordered, exact, tolerance }`; left empty it is filled in by `test --record`.',
  examples: [[{ region: 'north', paid: 40 }], []],
  if: { type: 'array' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { items: { type: 'object' } },
  else: {
    if: { type: 'object' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: {
        records,
        ordered: {
          type: 'boolean',
          title: 'Ordered',
          description: 'They must come in this order.',
          default: false,
        },
        exact: {
          type: 'boolean',
          title: 'Exact',
          description: 'A record has no other fields than those named.',
          default: false,
        },
        tolerance: {
          type: 'number',
          minimum: 0,
          title: 'Tolerance',
          description: 'Numbers may differ by this share of the greater one.',
          default: 0,
          examples: [1e-9],
        },
      },
      required: ['records'],
      additionalProperties: false,
      patternProperties: NOTES,
    },
  },
} as const satisfies JSONSchema;

const counts = {
  type: 'object',
  additionalProperties: { type: 'integer', minimum: 0 },
} as const satisfies JSONSchema;

const expect = {
  type: 'object',
  title: 'Expect',
  description: 'What has come out: records by exit, and other things by their own words.',
  properties: {
    received: {
      type: 'object',
      title: 'Received',
      description: 'What a vehicle has taken since the last look, by vehicle and exit.',
      additionalProperties: { type: 'object', additionalProperties: expectedRecords },
      examples: [{ biller: { invoices: [{ id: 1 }] } }],
    },
    held: {
      ...counts,
      title: 'Held',
      description: 'How many records wait at an exit.',
      examples: [{ invoices: 1 }],
    },
    late: {
      ...counts,
      title: 'Late',
      description: 'How many records have been late at a lane, or turned away by an operator.',
      examples: [{ payments: 0 }],
    },
    watermark: {
      type: 'object',
      title: 'Watermark',
      description: 'How far the time of a lane has come; `none` before any, `end` after its end.',
      additionalProperties: text,
      examples: [{ orders: '2026-01-01T00:00:09.999999Z' }],
    },
    dead_letter: {
      ...expectedRecords,
      title: 'Dead letter',
      description: 'What could not pass since the last look.',
      examples: [[{ reason: 'not-json', line: 1 }]],
    },
  },
  additionalProperties: expectedRecords,
  minProperties: 1,
  examples: [{ invoices: [{ id: 1 }], held: { invoices: 1 } }],
} as const satisfies JSONSchema;

const side = {
  enum: ['both', 'lanes', 'exits'],
  title: 'Side',
  description: 'Of a vehicle that feeds and receives.',
  default: 'both',
} as const satisfies JSONSchema;

const attach = {
  type: ['string', 'object'],
  title: 'Attach',
  description: 'A vehicle comes for what is held for it: its name, or the long form.',
  examples: ['biller', { vehicle: 'biller', credit: 10, outcome: 'released' }],
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: {
      vehicle: { ...text, title: 'Vehicle', description: 'Its name.', examples: ['biller'] },
      credit: {
        type: 'integer',
        minimum: 1,
        title: 'Credit',
        description: 'It takes no more records than this. Absent: all there are.',
        examples: [10],
      },
      outcome: {
        enum: ['accepted', 'released', 'rejected'],
        title: 'Outcome',
        description:
          'What it does with each: `released` gives it back, and it stays held; `rejected` moves it to the dead letter.',
        default: 'accepted',
      },
      side,
    },
    required: ['vehicle'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
} as const satisfies JSONSchema;

const detach = {
  type: ['string', 'object'],
  title: 'Detach',
  description: 'A vehicle goes: its lanes are closed, and it takes nothing any more.',
  examples: ['biller', { vehicle: 'orders', end: 'failed' }],
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: {
      vehicle: { ...text, title: 'Vehicle', description: 'Its name.', examples: ['biller'] },
      end: {
        enum: ['clean', 'failed'],
        title: 'End',
        description: 'Whether the run that fed its lanes ended well.',
        default: 'clean',
      },
      side,
    },
    required: ['vehicle'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
} as const satisfies JSONSchema;

const reload = {
  type: 'object',
  title: 'Reload',
  description: 'An edit comes into force; `{}` puts the same file into force anew.',
  properties: {
    file: {
      ...text,
      minLength: 1,
      title: 'File',
      description: 'The edited topology, relative to this file.',
      examples: ['orders-v2.yaml'],
    },
    expect: {
      type: 'object',
      title: 'Expect',
      description: 'What becomes of elements, by name; `refused` of one that stands in its way.',
      additionalProperties: { enum: ['kept', 'rewired', 'reset', 'added', 'removed', 'refused'] },
      examples: [{ settled: 'kept' }],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
  examples: [{ file: 'orders-v2.yaml', expect: { settled: 'kept' } }],
} as const satisfies JSONSchema;

const step = {
  type: 'object',
  title: 'Step',
  description: 'One thing that happens, or one look at what has come out.',
  properties: {
    feed: {
      type: 'object',
      title: 'Feed',
      description: 'Lanes bring records, in order of their names.',
      additionalProperties: fed,
      minProperties: 1,
      examples: [{ orders: [{ id: 1, region: 'north' }] }],
    },
    advance: {
      ...duration,
      title: 'Advance',
      description: 'Time passes; what falls due on the way happens at its time.',
    },
    attach,
    detach,
    reload,
    restart: {
      type: 'object',
      title: 'Restart',
      description: 'The runner stops and starts again; vehicles come back.',
      properties: {},
      additionalProperties: false,
      patternProperties: NOTES,
      examples: [{}],
    },
    close: {
      const: true,
      title: 'Close',
      description: 'The end of all input: every window closes.',
      examples: [true],
    },
    expect,
  },
  minProperties: 1,
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const testsSchema = {
  type: 'array',
  title: 'Tests',
  description: 'What must come out for what goes in, in virtual time and without sockets.',
  examples: [
    [
      {
        name: 'an order is passed on',
        steps: [{ feed: { orders: [{ id: 1 }] } }, { expect: { invoices: [{ id: 1 }] } }],
      },
    ],
  ],
  items: {
    type: 'object',
    title: 'Test',
    description: 'A run of the flow from its beginning.',
    properties: {
      name: {
        ...text,
        minLength: 1,
        title: 'Name',
        description: 'A sentence about what the flow does.',
        examples: ['a payment waits for its order'],
      },
      start: {
        ...text,
        title: 'Start',
        description: 'The time at which it begins.',
        default: '2026-01-01T00:00:00Z',
      },
      steps: {
        type: 'array',
        title: 'Steps',
        description: 'What happens, in order.',
        examples: [[{ feed: { orders: [{ id: 1 }] } }, { expect: { invoices: [{ id: 1 }] } }]],
        items: step,
        minItems: 1,
      },
    },
    required: ['name', 'steps'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
} as const satisfies JSONSchema;
