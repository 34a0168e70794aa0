/**
 * The scalars of the language, as draft-07 schemas that the elements are put together from. Draft-07 ignores
 * what stands beside a `$ref`, so parts are spread into fields, which add their own title and default.
 *
 * `$comment` names the rule and the noun for a value that does not fit: `bad-quantity duration`.
 */
import type { JSONSchema } from 'json-schema-to-ts';
import { STREAM_NAMES } from '../operators/spec.ts';
import { FIELD_NAME_PATTERN } from '../stream/schema.ts';
import { DURATION_PATTERN } from '../stream/time.ts';

/** Keys that are the author's own notes. */
export const NOTES = { '^x_': true } as const;

/** Names that tests and commands use for other things than exits. */
export const RESERVED_EXITS = ['held', 'late', 'dead_letter', 'watermark', 'received'] as const;

const INTERPOLATED = '^\\$\\{(env|file):';
/** 0 to 65535. */
const PORT = '([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

export const streamNames = STREAM_NAMES satisfies JSONSchema;

export const exitNames = {
  $comment: 'bad-name exit',
  pattern: `^(?!(${RESERVED_EXITS.join('|')})$)${STREAM_NAMES.pattern.slice(1)}`,
} as const satisfies JSONSchema;

export const vehicleNames = {
  $comment: 'bad-name vehicle',
  pattern: '^[a-z][a-z0-9_-]{0,62}$',
} as const satisfies JSONSchema;

export const fieldNames = {
  $comment: 'bad-name field',
  pattern: FIELD_NAME_PATTERN,
} as const satisfies JSONSchema;

export const text = { type: 'string' } as const satisfies JSONSchema;
export const flag = { type: 'boolean' } as const satisfies JSONSchema;
export const texts = { type: 'array', items: text } as const satisfies JSONSchema;
export const textOrTexts = {
  type: ['string', 'array'],
  items: text,
} as const satisfies JSONSchema;

export const duration = {
  type: 'string',
  $comment: 'bad-quantity duration',
  pattern: DURATION_PATTERN,
  examples: ['30s', '1h30m'],
} as const satisfies JSONSchema;

export const durationOrNone = {
  type: 'string',
  $comment: 'bad-quantity duration',
  pattern: `${duration.pattern}|^none$`,
  examples: ['30s', 'none'],
} as const satisfies JSONSchema;

export const size = {
  type: 'string',
  $comment: 'bad-quantity size',
  pattern: '^([0-9]{1,15}B|[0-9]{1,6}(KiB|MiB|GiB))$',
  examples: ['64KiB', '1GiB'],
} as const satisfies JSONSchema;

export const rate = {
  type: 'string',
  $comment: 'bad-quantity rate',
  pattern: '^[0-9]+(B|KiB|MiB|GiB)?/s$',
  examples: ['1000/s', '10MiB/s'],
} as const satisfies JSONSchema;

export const count = { type: 'integer', minimum: 1 } as const satisfies JSONSchema;

/** A bare port means loopback; port 0 is any free one. */
export const address = {
  type: ['string', 'integer'],
  $comment: 'bad-address address',
  pattern: `^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+):${PORT}$|^${PORT}$|${INTERPOLATED}`,
  minimum: 0,
  maximum: 65535,
  examples: [7001, 'localhost:9999', '[::1]:7001'],
} as const satisfies JSONSchema;

/** An expression; a number or a boolean in its place is that literal. */
export const expression = {
  type: ['string', 'number', 'boolean'],
  examples: ['amount * 2', "region = 'north'"],
} as const satisfies JSONSchema;

/** Fields that are computed, in order of output. */
export const expressions = {
  type: 'object',
  propertyNames: fieldNames,
  additionalProperties: expression,
} as const satisfies JSONSchema;

export const was = {
  ...text,
  title: 'Former name',
  description: 'The name before a rename, so that state and held records follow.',
  examples: ['orders'],
} as const satisfies JSONSchema;

export const tls = {
  type: 'object',
  title: 'TLS',
  description: 'Files of the certificate, its key and the authorities that are trusted.',
  properties: {
    cert: {
      ...text,
      title: 'Certificate',
      description: 'PEM file of the certificate chain.',
      examples: ['tls/server.pem'],
    },
    key: {
      ...text,
      title: 'Key',
      description: 'PEM file of the private key.',
      examples: ['tls/server.key'],
    },
    ca: {
      ...text,
      title: 'Authorities',
      description: 'PEM file of authorities for servers.',
      examples: ['tls/ca.pem'],
    },
    client_ca: {
      ...text,
      title: 'Client authorities',
      description: 'PEM file of authorities; clients must then show a certificate.',
      examples: ['tls/clients.pem'],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const insecure = {
  enum: ['acknowledged'],
  title: 'Insecure on purpose',
  description: 'Lets this listener be reached from outside without TLS and login.',
} as const satisfies JSONSchema;
