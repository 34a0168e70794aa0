/** The shape of a vehicle: a program that feeds lanes, or receives from exits, or both. */
import type { JSONSchema } from 'json-schema-to-ts';
import { laneSchema } from './schema-lane.ts';
import {
  count,
  duration,
  durationOrNone,
  NOTES,
  streamNames,
  text,
  texts,
  was,
} from './schema-parts.ts';

const schedule = {
  type: 'object',
  title: 'Schedule',
  description:
    'When the program is started. Absent: with the roundabout. Lanes of a vehicle with a schedule have `at_end: finish` and `idle_timeout: never` unless they say otherwise.',
  properties: {
    cron: {
      ...text,
      title: 'Cron',
      description:
        'Minute, hour, day of the month, month, day of the week; with six, seconds before them.',
      examples: ['15 2 * * *'],
    },
    timezone: {
      ...text,
      title: 'Time zone',
      description: 'Of the clock that the cron goes by: a name of the zone database.',
      default: 'UTC',
      examples: ['Europe/Lisbon'],
    },
    overlap: {
      enum: ['skip', 'queue', 'kill'],
      title: 'Overlap',
      description:
        'When it is time and the last run has not ended: leave it out, begin when that has ended (one waits at most), or end that.',
      default: 'skip',
    },
    missed: {
      enum: ['skip', 'run_once'],
      title: 'Missed runs',
      description: 'After a time when the roundabout was down: nothing, or one run at once.',
      default: 'skip',
    },
    timeout: {
      ...durationOrNone,
      title: 'Timeout',
      description: 'Ends a run that takes longer; it has failed then.',
      default: 'none',
    },
  },
  required: ['cron'],
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

const restart = {
  type: 'object',
  title: 'Restart',
  description: 'What happens when the program ends. A run that failed keeps its number.',
  properties: {
    policy: {
      enum: ['on_failure', 'always', 'never'],
      title: 'Policy',
      description: 'Which ends lead to another start: any but exit code 0, each, or none.',
      default: 'on_failure',
    },
    backoff: {
      type: 'object',
      title: 'Back-off',
      description: 'How the pause before another start doubles; a minute of health resets it.',
      properties: {
        initial: {
          ...duration,
          title: 'First pause',
          description: 'Before the second start.',
          default: '1s',
        },
        max: {
          ...duration,
          title: 'Longest pause',
          description: 'No pause is longer.',
          default: '1m',
        },
      },
      additionalProperties: false,
      patternProperties: NOTES,
    },
    give_up_after: {
      ...count,
      title: 'Give up after',
      description: 'After so many starts in vain it stays down. Absent: never.',
      examples: [5],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

const wake = {
  type: 'object',
  title: 'Wake',
  description:
    'Starts the program when something waits at an exit that is `for` it; it leaves by itself when it has taken all. Absent: what waits starts nothing.',
  properties: {
    after_records: {
      ...count,
      title: 'After records',
      description: 'So many wait, all its exits together.',
      examples: [500],
    },
    after: {
      ...duration,
      title: 'After',
      description: 'Something has waited for that long.',
      examples: ['6h'],
    },
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;

export const vehicleSchema = {
  type: 'object',
  title: 'Vehicle',
  description: 'A program that feeds lanes, or receives from exits, or both.',
  properties: {
    lanes: {
      type: 'object',
      title: 'Lanes',
      description: 'Where it drives in, by name.',
      propertyNames: streamNames,
      additionalProperties: laneSchema,
    },
    command: {
      ...texts,
      minItems: 1,
      title: 'Command',
      description: 'Program and arguments, started by the roundabout; never a shell.',
      examples: [['python3', 'vehicles/biller.py']],
    },
    uses: { ...text, title: 'Uses', description: 'A built-in vehicle.', examples: ['webhdfs'] },
    with: {
      type: 'object',
      title: 'With',
      description: 'The settings of the built-in vehicle.',
      examples: [{ user: 'etl' }],
    },
    env: {
      type: 'object',
      title: 'Environment',
      description: 'Variables for the program.',
      examples: [{ REGION: 'north' }],
      propertyNames: { $comment: 'bad-name variable', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    },
    cwd: {
      ...text,
      title: 'Folder',
      description: 'Where the program runs. Absent: the folder of this file.',
      examples: ['vehicles'],
    },
    schedule,
    restart,
    wake,
    secret: {
      ...text,
      title: 'Secret',
      description: 'What the vehicle must show.',
      writeOnly: true,
      examples: [`$${'{env:BILLER_SECRET}'}`],
    },
    was,
  },
  additionalProperties: false,
  patternProperties: NOTES,
} as const satisfies JSONSchema;
