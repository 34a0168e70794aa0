/** The shape of a table: a file whose lines are rows, read as the lines of a lane are. */
import type { JSONSchema } from 'json-schema-to-ts';
import { codecSchema, fieldSchema } from './schema-lane.ts';
import { fieldNames, NOTES, text, textOrTexts, texts } from './schema-parts.ts';

const { default: _codec, ...ownCodec } = codecSchema;
const { expression: _expression, ...plainField } = fieldSchema.then.properties;

/** As a field of a lane, but for what is computed: a table has what its file says. */
const tableField = {
  ...fieldSchema,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { ...fieldSchema.then, properties: plainField },
} as const satisfies JSONSchema;

export const tableSchema = {
  type: 'object',
  title: 'Table',
  description: 'The file whose rows are looked up in. It is followed: what is saved is loaded.',
  properties: {
    file: {
      ...text,
      minLength: 1,
      title: 'File',
      description: 'Its path, relative to the topology.',
      examples: ['users.ndjson'],
    },
    codec: {
      ...ownCodec,
      description:
        'How its lines become rows. Absent: csv for a file that ends in .csv, else ndjson.',
    },
    fields: {
      type: 'object',
      title: 'Fields',
      description: 'The fields of a row, by name. Needed by ndjson and csv.',
      examples: [{ id: 'long', name: 'string' }],
      propertyNames: fieldNames,
      additionalProperties: tableField,
    },
    required: {
      ...texts,
      title: 'Required',
      description: 'Fields without which the table is not loaded.',
      default: [],
      examples: [['name']],
    },
    key: {
      ...textOrTexts,
      minItems: 1,
      title: 'Key',
      description: 'The field, or the fields, that every row has and no two rows have alike.',
      examples: ['id', ['region', 'day']],
    },
  },
  required: ['file', 'key'],
  additionalProperties: false,
  patternProperties: NOTES,
  examples: [{ file: 'users.ndjson', fields: { id: 'long', name: 'string' }, key: 'id' }],
} as const;
