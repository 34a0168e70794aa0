/** `roundabout validate PATH...`: arguments. The work is in `validate.ts`. */
import { InvalidArgumentError, Option } from 'commander';
import { formats } from '../diagnostics/formats.ts';
import { LEVELS } from '../diagnostics/level.ts';
import type { CommandEntry } from './command.ts';
import { readSets, setOption } from './sets.ts';
import { standardStreams } from './terminal.ts';
import type { ValidateOptions } from './validate.ts';

type Levels = NonNullable<ValidateOptions['rule']>;

/** `SLUG=LEVEL`, as often as it is given; whether the rule may be changed is for the rules to say. */
function level(value: string, before: Levels = new Map()): Levels {
  const [, slug, word] = /^([^=]+)=(.*)$/.exec(value) ?? [];
  const found = LEVELS.find((one) => one === word);
  if (slug === undefined || found === undefined) {
    throw new InvalidArgumentError(`it is SLUG=LEVEL, a level being ${LEVELS.join(', ')}.`);
  }
  return new Map([...before, [slug, found]]);
}

type ValidateFlags = Omit<ValidateOptions, 'sets'> & { readonly set: string[] };

export const validateCommand: CommandEntry = {
  name: 'validate',
  summary: 'say what is wrong in topology files, and where',
  define: (command, run) => {
    command
      .argument('[paths...]', 'files, quoted patterns, folders, or - for standard input', ['.'])
      .addOption(
        new Option('--format <format>', 'how findings are written')
          .choices([...formats.keys()])
          .default('human'),
      )
      .option('--output <file>', 'write them to a file')
      .option('--deny-warnings', 'a warning fails, too')
      .option('--rule <slug=level>', `${LEVELS.join(', ')} for a rule; repeatable`, level)
      .option('--fix', 'mend what can be mended without changing what the file means')
      .option('--skip-others', 'pass over named files that are no topology')
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
