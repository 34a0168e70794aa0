/** `roundabout validate PATH...`: arguments. The work is in `validate.ts`. */
import { InvalidArgumentError } from 'commander';
import type { CommandEntry } from './command.ts';
import { readSets, setOption } from './sets.ts';
import { standardStreams } from './terminal.ts';

function format(value: string): 'human' | 'json' {
  if (value === 'human' || value === 'json') return value;
  throw new InvalidArgumentError('it is human or json.');
}

export const validateCommand: CommandEntry = {
  name: 'validate',
  summary: 'say what is wrong in topology files, and where',
  define: (command, run) => {
    command
      .argument('[paths...]', 'files, folders, or - for standard input', ['.'])
      .option('--format <format>', 'human or json', format, 'human')
      .addOption(setOption())
      .action((paths: string[], options: { format: 'human' | 'json'; set: string[] }) =>
        run(async () => {
          const { validate } = await import('./validate.ts');
          return validate(paths, { ...options, sets: readSets(options.set) }, standardStreams);
        }),
      );
  },
};
