/**
 * The form of `validate --format json`, line by line: `schemas/findings.schema.json` is generated from it.
 * Fields are added, never renamed or removed, within a major version.
 */
const count = { type: 'integer', minimum: 0 };
const position = { type: 'integer', minimum: 1 };

const place = {
  file: { type: 'string' },
  line: { ...position, description: 'From 1.' },
  column: { ...position, description: 'From 1, in code points.' },
  end_line: position,
  end_column: { ...position, description: 'Exclusive.' },
};

const related = {
  type: 'object',
  properties: { ...place, message: { type: 'string' } },
  required: [...Object.keys(place), 'message'],
};

function line(kind: string, properties: Readonly<Record<string, object>>): object {
  return {
    type: 'object',
    properties: { kind: { const: kind }, ...properties },
    required: ['kind', ...Object.keys(properties)],
  };
}

/** One line; the first is `findings`, the last `summary`. */
export const findingsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A line of roundabout validate --format json',
  anyOf: [
    line('findings', { roundabout: { const: 1, description: 'Of this form.' } }),
    line('finding', {
      rule: { type: 'string', pattern: '^[a-z0-9-]+$' },
      severity: { enum: ['error', 'warning', 'info'] },
      ...place,
      message: { type: 'string', minLength: 1 },
      hint: { type: ['string', 'null'] },
      related: { type: 'array', items: related },
    }),
    line('summary', { files: count, errors: count, warnings: count, infos: count }),
  ],
};
