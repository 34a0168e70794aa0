/** `roundabout try FILE LANE=DATA...`: arguments. The work is in `try.ts`, loaded when it is called. */
import { InvalidArgumentError } from 'commander';
import type { CommandEntry } from './command.ts';
import { standardStreams } from './terminal.ts';

/** As many records of an exit as one looks at; more are counted. */
const LIMIT = 20;

function format(value: string): 'table' | 'ndjson' {
  if (value === 'table' || value === 'ndjson') return value;
  throw new InvalidArgumentError('it is table or ndjson.');
}

function limit(value: string): number {
  if (/^[0-9]{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('it is a whole number; 0 is no bound.');
}

export const tryCommand: CommandEntry = {
  name: 'try',
  summary: 'run a topology over sample files to their end, and print what each exit would get',
  define: (command, run) => {
    command
      .argument('<file>', 'the topology, a YAML file')
      .argument('<data...>', 'LANE=FILE: what a lane brings; - is standard input')
      .option('--limit <count>', 'records printed of each exit; 0 is no bound', limit, LIMIT)
      .option('--format <format>', 'table, ndjson', format, 'table')
      .action((file: string, data: string[], options: Record<string, unknown>) =>
        run(async () => {
          const { tryFlow } = await import('./try.ts');
          return tryFlow(
            file,
            data,
            { limit: options['limit'] as number, format: options['format'] as 'table' | 'ndjson' },
            standardStreams,
          );
        }),
      );
  },
};
