/** `roundabout validate PATH...`: arguments. The work is in `validate.ts`. */
import { InvalidArgumentError } from 'commander';
import type { CommandEntry } from './command.ts';
import { readSets, setOption } from './sets.ts';
import { standardStreams } from './terminal.ts';

function format(value: string): 'human' | 'json' {
  if (value === 'human' || value === 'json') return value;
  throw new InvalidArgumentError('it is human or json.');
}

interface ValidateFlags {
  readonly format: 'human' | 'json';
  readonly set: string[];
  readonly env?: boolean;
}

export const validateCommand: CommandEntry = {
  name: 'validate',
  summary: 'say what is wrong in topology files, and where',
  define: (command, run) => {
    command
      .argument('[paths...]', 'files, folders, or - for standard input', ['.'])
      .option('--format <format>', 'human or json', format, 'human')
      .addOption(setOption())
      .option('--env', 'resolve references to the environment and to files, as run does')
      .action((paths: string[], options: ValidateFlags) =>
        run(async () => {
          const { validate } = await import('./validate.ts');
          return validate(paths, { ...options, sets: readSets(options.set) }, standardStreams);
        }),
      );
  },
};
