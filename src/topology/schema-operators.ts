/**
 * The shape of an operator, put together from the definitions. One branch per type, chosen by `if`, each complete: an editor then shows the one thing that is wrong.
 */
import type { AnyOperatorDefinition, InputForm } from '../operators/operator.ts';
import { NOTES, size, text, textOrTexts, was } from './schema-parts.ts';
import { tableSchema } from './schema-table.ts';

const state = {
  type: 'object',
  title: 'State',
  description: 'What the operator may keep, and what becomes of it at an edit.',
  properties: {
    max_bytes: { ...size, title: 'Bytes', description: 'At most.' },
    on_full: {
      enum: ['stop', 'dead_letter'],
      title: 'When full',
      description: 'What happens to the next record.',
      default: 'stop',
    },
    on_change: {
      enum: ['keep', 'drain', 'reset', 'refuse'],
      title: 'At an edit',
      description: 'What becomes of the state when the operator changes.',
      default: 'refuse',
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
};

const common = {
  description: {
    ...text,
    title: 'Description',
    description: 'For people.',
    examples: ['Orders that were paid in time'],
  },
  was,
  state,
};

const from = {
  ...text,
  title: 'From',
  description: 'The lane or operator whose records it reads.',
  examples: ['orders'],
};
const fromSeveral = {
  ...textOrTexts,
  minItems: 1,
  title: from.title,
  description: 'The lanes and operators whose records it reads.',
  examples: [['north', 'south']],
};
const left = {
  ...text,
  title: 'Left',
  description: 'One of the two streams.',
  examples: ['orders'],
};
const right = { ...text, title: 'Right', description: 'The other.', examples: ['payments'] };

const INPUTS: Readonly<Record<InputForm, Readonly<Record<string, object>>>> = {
  one: { from },
  several: { from: fromSeveral },
  pair: { left, right },
};

/** The operator as a whole: the type decides which fields there are. */
export function operatorSchema(definitions: readonly AnyOperatorDefinition[]): object {
  return {
    type: 'object',
    title: 'Operator',
    description: 'Reads streams by name and makes a new one.',
    properties: {
      type: {
        enum: definitions.map(({ type }) => type),
        title: 'Type',
        description: definitions.map(({ type, summary }) => `${type}: ${summary}`).join('\n'),
      },
    },
    required: ['type'],
    allOf: definitions.map(({ type, summary, schema, inputs: form = 'one', hasTable = false }) => {
      const outside = { ...INPUTS[form], ...(hasTable && { table: tableSchema }) };
      const required = [...Object.keys(outside), ...schema.required];
      return branch(type, summary, { ...outside, ...schema.properties }, required);
    }),
  };
}

function branch(
  type: string,
  summary: string,
  properties: Readonly<Record<string, object>>,
  required: readonly string[],
): object {
  return {
    if: { properties: { type: { const: type } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      title: type,
      description: summary,
      properties: { type: { const: type }, ...common, ...properties },
      required: [...new Set(['type', ...required])],
      additionalProperties: false,
      patternProperties: NOTES,
    },
  };
}
