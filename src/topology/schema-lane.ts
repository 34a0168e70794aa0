/** The shape of a lane: how records come in and what they look like. */
import type { JSONSchema } from 'json-schema-to-ts';
import {
  address,
  countFromOutside,
  duration,
  durationOrNone,
  expression,
  fieldNames,
  insecure,
  NOTES,
  rate,
  size,
  streamNames,
  text,
  textOrTexts,
  texts,
  tls,
  was,
} from './schema-parts.ts';

/** Letters of a date, as no name of a format has them: what is meant as a pattern. */
export const TIME_PATTERN = '([yMdHms])\\1';

export const TIMESTAMP_FORMATS = [
  'iso8601',
  'epoch_s',
  'epoch_ms',
  'epoch_us',
  'epoch_ns',
] as const;

/** Every codec by its word, with what a line is to it. */
export const CODECS = [
  {
    name: 'ndjson',
    summary: 'A line is a JSON object; the fields of the lane say what is taken of it.',
  },
  { name: 'text', summary: 'A line is a record with one field, its text.' },
  { name: 'csv', summary: 'A line is cells between commas, named by a header or by the file.' },
  { name: 'pattern', summary: 'A line is taken apart by a pattern; a field is a group of it.' },
] as const;

const csvCodec = {
  type: 'object',
  title: 'CSV',
  description: 'A line is cells; a field is the cell of its column.',
  properties: {
    header: {
      type: 'boolean',
      title: 'Header',
      description: 'The first line of each connection names the columns, and is no record.',
      default: true,
    },
    columns: {
      ...texts,
      title: 'Columns',
      description: 'Their names when there is no header, all of them in their order.',
      examples: [['id', 'region']],
    },
    delimiter: {
      ...text,
      title: 'Delimiter',
      description: 'One ASCII character, between two cells.',
      default: ',',
      examples: [';'],
    },
    quote: {
      ...text,
      title: 'Quote',
      description:
        'One ASCII character, around a cell that has delimiters in it; inside it stands twice.',
      default: '"',
      examples: ["'"],
    },
    null: {
      ...text,
      title: 'Null',
      description: 'The cell that means NULL, unless it stands in quotes.',
      default: '',
      examples: ['NA'],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

const textCodec = {
  type: 'object',
  title: 'Text',
  description: 'Every line is one record.',
  properties: {
    separator: {
      ...text,
      title: 'Separator',
      description: 'One ASCII character that ends a line. Before a line feed, a CR is cut off.',
      default: '\n',
      examples: [';', '\0'],
    },
    field: {
      ...text,
      ...fieldNames,
      title: 'Field',
      description: 'The name of the one field, the line itself.',
      default: 'line',
      examples: ['message'],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const codecSchema = {
  type: ['string', 'object'],
  title: 'Codec',
  description: 'How lines become records.',
  default: 'ndjson',
  examples: [
    'ndjson',
    'text',
    'csv',
    { csv: { header: true, delimiter: ';' } },
    { pattern: '^(?<host>[^ ]+) (?<status>[0-9]{3})$' },
  ],
  if: { type: 'string' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { enum: ['ndjson', 'text', 'csv'] },
  else: {
    properties: {
      csv: csvCodec,
      text: textCodec,
      pattern: {
        ...text,
        title: 'Pattern',
        description:
          'A regular expression with a name for each group that is a field. Without ^ and $ it may match anywhere in the line; a line in which it does not is no record.',
        examples: ['^(?<host>[^ ]+) (?<status>[0-9]{3})$'],
      },
    },
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
  },
} as const satisfies JSONSchema;

const fieldType = {
  ...text,
  title: 'Type',
  description:
    'boolean, long, double, string, timestamp, array<T>, struct<a: T, ...> or map<string, T>. Quote what holds a comma or a colon.',
  examples: ['long', 'timestamp', 'array<string>', 'struct<a: long>'],
} as const satisfies JSONSchema;

export const fieldSchema = {
  type: ['string', 'object'],
  title: 'Field',
  description: 'A type, or a type with where and how the input writes it.',
  examples: ['long', { type: 'timestamp', format: 'epoch_ms' }],
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: {
      type: fieldType,
      source: {
        ...textOrTexts,
        title: 'Source',
        description:
          'Path in the input, or several of which the first present one counts; of CSV, the column. Absent: the name of the field.',
        examples: ['payload.id'],
      },
      format: {
        anyOf: [{ enum: TIMESTAMP_FORMATS }, { type: 'string', pattern: TIME_PATTERN }],
        title: 'Format',
        description:
          'How the input writes a timestamp: one of these names, or a pattern of yyyy, MM, MMM, dd, HH, mm, ss, SSS, XXX, xx and quoted text.',
        default: 'iso8601',
        examples: ['epoch_ms', 'yyyy-MM-dd HH:mm:ss'],
      },
      expression: {
        ...expression,
        title: 'Expression',
        description: 'Computes the field from the other fields of the lane.',
      },
    },
    required: ['type'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
} as const satisfies JSONSchema;

const eventTime = {
  type: ['string', 'object'],
  title: 'Event time',
  description: 'The field that says when a record happened; without it, arrival counts.',
  default: 'arrival',
  examples: ['placed_at', { field: 'placed_at', max_delay: '10m' }],
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: {
      field: {
        ...text,
        title: 'Field',
        description: 'A timestamp field of the lane.',
        examples: ['placed_at'],
      },
      max_delay: {
        ...duration,
        title: 'Greatest delay',
        description: 'How long after a later record one may still come without being late.',
        default: '0s',
      },
      idle_timeout: {
        ...duration,
        pattern: `${duration.pattern}|^never$`,
        title: 'Idle timeout',
        description:
          'A lane silent for that long no longer holds time back. Under a `schedule` the default is never.',
        default: '30s',
        examples: ['30s', 'never'],
      },
    },
    required: ['field'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
} as const satisfies JSONSchema;

const connect = {
  type: ['string', 'integer', 'object'],
  title: 'Connect',
  description: 'Where the vehicle listens; the roundabout dials and tries again.',
  examples: ['localhost:9999'],
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: {
    properties: {
      address: { ...address, title: 'Address', description: 'Where the vehicle listens.' },
      retry: {
        type: 'object',
        title: 'Retry',
        description: 'How the pause between two tries grows.',
        properties: {
          initial: {
            ...duration,
            title: 'First pause',
            description: 'After the first try.',
            default: '1s',
          },
          max: {
            ...duration,
            title: 'Longest pause',
            description: 'No pause is longer.',
            default: '30s',
          },
        },
        additionalProperties: false,
        patternProperties: NOTES,
      },
    },
    required: ['address'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
  else: { ...address, type: ['string', 'integer'] },
} as const satisfies JSONSchema;

const limits = {
  type: 'object',
  title: 'Limits',
  description: 'What one lane accepts.',
  properties: {
    max_line: {
      ...size,
      title: 'Longest line',
      description: 'A longer one goes to the dead letter.',
      default: '1MiB',
    },
    max_connections: {
      ...countFromOutside,
      title: 'Connections',
      description: 'At the same time.',
      default: 64,
    },
    idle: {
      ...durationOrNone,
      title: 'Idle',
      description: 'A connection silent for that long is closed.',
      default: 'none',
    },
    max_rate: { ...rate, title: 'Rate', description: 'Faster vehicles are slowed down.' },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const laneSchema = {
  type: 'object',
  title: 'Lane',
  description: 'Where a vehicle drives in: a TCP listener, or an address that is dialled.',
  properties: {
    listen: {
      ...address,
      title: 'Listen',
      description:
        'The vehicle dials here. A bare port is on loopback, 0 any free one. Absent, without `connect`: any free one.',
    },
    connect,
    codec: codecSchema,
    fields: {
      type: 'object',
      title: 'Fields',
      description: 'The fields of a record, by name. Needed by ndjson and csv.',
      examples: [{ order_id: 'long', region: 'string' }],
      propertyNames: fieldNames,
      additionalProperties: fieldSchema,
    },
    required: {
      ...texts,
      title: 'Required',
      description: 'Fields without which a record is bad.',
      default: [],
      examples: [['order_id']],
    },
    event_time: eventTime,
    late_to: {
      ...text,
      ...streamNames,
      title: 'Late records',
      description:
        'The stream that late records go to, each with `_late_by`; what reads the lane sees none of them. Absent: what goes by time decides.',
      examples: ['late_orders'],
    },
    unknown_fields: {
      enum: ['ignore', 'reject'],
      title: 'Unknown fields',
      description:
        'A record with fields at its top that are not listed is taken without them, or is a bad record. Of CSV, a header with such columns is a bad one.',
      default: 'ignore',
    },
    bad_record: {
      enum: ['dead_letter', 'skip', 'stop', 'close'],
      title: 'Bad records',
      description:
        'A line that is no record is held at the dead letter, or only counted (`skip`). `stop` also ends the runner, with exit code 4, and `close` the connection it came over.',
      default: 'dead_letter',
    },
    ack: {
      enum: ['none', 'lines'],
      title: 'Acknowledge',
      description: 'Whether lines are confirmed to the vehicle.',
      default: 'none',
    },
    limits,
    tls,
    insecure,
    at_end: {
      enum: ['wait', 'finish'],
      title: 'At the end',
      description:
        'Whether a clean end of the run closes the windows it fed. Under a `schedule` the default is finish.',
      default: 'wait',
    },
    was,
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;
