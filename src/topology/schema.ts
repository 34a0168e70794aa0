/**
 * The shape of a topology file, draft-07: the whole language, also what does not work yet. Editors read it
 * as `schemas/topology.schema.json`; `build/validator.js` is compiled from it. It judges one value at a time:
 * what two fields say about each other is for the rules.
 *
 * Never `oneOf`, which blames every branch for a typo in one.
 */
import { LEVELS } from '../diagnostics/level.ts';
import { operators } from '../operators/index.ts';
import { deadLetterSchema, exitSchema } from './schema-exit.ts';
import { operatorSchema } from './schema-operators.ts';
import {
  address,
  duration,
  exitNames,
  insecure,
  NOTES,
  paramNames,
  size,
  streamNames,
  text,
  tls,
  vehicleNames,
} from './schema-parts.ts';
import { testsSchema } from './schema-tests.ts';
import { vehicleSchema } from './schema-vehicle.ts';

const brokers = {
  type: 'object',
  title: 'Brokers',
  description: 'Brokers that exits can leave by, by name.',
  additionalProperties: {
    type: 'object',
    properties: {
      url: {
        ...text,
        pattern: '^amqps?://',
        title: 'URL',
        description: 'Where the broker is: amqp(s)://host:port.',
        examples: ['amqps://broker.example:5671'],
      },
      profile: {
        enum: ['generic', 'artemis', 'rabbitmq', 'qpid'],
        title: 'Profile',
        description: 'Whose habits it has.',
        default: 'generic',
      },
      user: {
        ...text,
        title: 'User',
        description: 'Name to log in with.',
        examples: ['roundabout'],
      },
      password: {
        ...text,
        title: 'Password',
        description: 'Better from a file or the environment.',
        writeOnly: true,
        examples: [`$${'{env:BROKER_PASSWORD}'}`],
      },
      tls,
    },
    required: ['url'],
    additionalProperties: false,
    patternProperties: NOTES,
  },
};

const amqp = {
  type: 'object',
  title: 'AMQP',
  description: 'Where exits are served.',
  properties: {
    listen: {
      ...address,
      title: 'Listen',
      description: 'The address vehicles attach to. A bare port is on loopback, 0 any free one.',
      default: '127.0.0.1:5672',
    },
    tls,
    max_frame: {
      ...size,
      title: 'Largest frame',
      description: 'In both directions.',
      default: '64KiB',
    },
    insecure,
    brokers,
  },
  additionalProperties: false,
  patternProperties: NOTES,
};

const http = {
  type: ['object', 'boolean'],
  title: 'HTTP',
  description: 'Metrics, API and page; `false` for none.',
  properties: {
    listen: { ...address, title: 'Listen', description: 'Its address.', default: '127.0.0.1:7070' },
    token: {
      ...text,
      title: 'Token',
      description: 'What changes ask for; read-only without.',
      writeOnly: true,
      examples: [`$${'{env:ROUNDABOUT_TOKEN}'}`],
    },
    redact: {
      type: 'array',
      items: text,
      title: 'Redact',
      description: 'Fields that are never shown.',
      examples: [['card']],
    },
    insecure,
  },
  additionalProperties: false,
  patternProperties: NOTES,
};

const state = {
  type: 'object',
  title: 'State',
  description: 'Where the roundabout keeps what must survive.',
  properties: {
    dir: {
      ...text,
      minLength: 1,
      title: 'Folder',
      description: 'Relative to this file. Absent: `.roundabout/` and the name of the topology.',
      examples: ['/var/lib/roundabout/orders'],
    },
    durability: {
      enum: ['disk', 'memory'],
      title: 'Durability',
      description: '`memory` is for runs whose records may be lost.',
      default: 'disk',
    },
    checkpoint_every: {
      ...size,
      title: 'Checkpoint every',
      description: 'So much log.',
      default: '256MiB',
    },
    keep_log: {
      type: 'object',
      title: 'Keep log',
      description: 'How much traffic a preview can replay.',
      properties: {
        for: { ...duration, title: 'For', description: 'How long.', default: '1h' },
        up_to: { ...size, title: 'Up to', description: 'How much.', default: '1GiB' },
      },
      additionalProperties: false,
      patternProperties: NOTES,
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
};

const params = {
  type: 'object',
  title: 'Parameters',
  description: 'Constants, as `params.<name>` in expressions: a literal, or its type and value.',
  examples: [{ limit: 100 }],
  propertyNames: paramNames,
  additionalProperties: {
    type: ['string', 'number', 'boolean', 'object'],
    title: 'Parameter',
    description: 'A constant. Another value can be given with --set params.<name>=VALUE.',
    examples: [100, { type: 'timestamp', value: '2026-01-01T00:00:00Z' }],
    if: { type: 'object' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: {
        type: {
          ...text,
          title: 'Type',
          description: 'boolean, long, double, string or timestamp.',
          examples: ['timestamp'],
        },
        value: {
          type: ['string', 'number', 'boolean'],
          title: 'Value',
          description: 'What it stands for.',
          examples: ['2026-01-01T00:00:00Z', 0.5],
        },
        description: {
          ...text,
          title: 'Description',
          description: 'For people.',
          examples: ['Rings a minute that are too many'],
        },
      },
      required: ['type', 'value'],
      additionalProperties: false,
      patternProperties: NOTES,
    },
  },
};

const lint = {
  type: 'object',
  title: 'Lint',
  description: 'The severity of rules, by slug.',
  examples: [{ 'unused-element': 'error' }],
  additionalProperties: { enum: LEVELS },
};

/** Draft-07; the default export of `build/validator.js` is compiled from it. */
export const topologySchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Roundabout topology',
  description: 'A streaming pipeline: vehicles, operators and exits.',
  type: 'object',
  properties: {
    version: { const: 1, title: 'Version', description: 'Of this language.', examples: [1] },
    name: {
      ...text,
      ...vehicleNames,
      title: 'Name',
      description: 'Of the topology; names its state folder.',
      examples: ['word-count'],
    },
    description: {
      ...text,
      title: 'Description',
      description: 'For people.',
      examples: ['Counts words, every two seconds'],
    },
    params,
    amqp,
    http,
    state,
    vehicles: {
      type: 'object',
      title: 'Vehicles',
      description: 'Programs that feed or receive, by name.',
      propertyNames: vehicleNames,
      additionalProperties: vehicleSchema,
    },
    operators: {
      type: 'object',
      title: 'Operators',
      description: 'What is done with records, by name. Their order does not matter.',
      propertyNames: streamNames,
      additionalProperties: operatorSchema(operators),
    },
    exits: {
      type: 'object',
      title: 'Exits',
      description: 'Where results wait and leave, by name.',
      propertyNames: exitNames,
      additionalProperties: exitSchema,
    },
    dead_letter: deadLetterSchema,
    lint,
    tests: testsSchema,
  },
  required: ['version', 'name'],
  additionalProperties: false,
  patternProperties: NOTES,
};
