/** `roundabout test PATH...`: arguments. The work is in `test.ts`, loaded when it is called. */
import { InvalidArgumentError } from 'commander';
import type { CommandEntry } from './command.ts';
import { standardStreams } from './terminal.ts';

const FORMATS = ['human', 'json', 'junit'] as const;
export type TestFormat = (typeof FORMATS)[number];

function format(value: string): TestFormat {
  const found = FORMATS.find((one) => one === value);
  if (found === undefined) throw new InvalidArgumentError(`it is ${FORMATS.join(', ')}.`);
  return found;
}

function pattern(value: string): RegExp {
  try {
    return new RegExp(value, 'u');
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

export const testCommand: CommandEntry = {
  name: 'test',
  summary: 'run the tests that topology files carry, in virtual time',
  define: (command, run) => {
    command
      .argument('[paths...]', 'files, folders, or - for standard input', ['.'])
      .option(
        '--filter <pattern>',
        'only tests whose name matches this regular expression',
        pattern,
      )
      .option('--record', 'write what comes into the places where a test expects nothing yet')
      .option('--coverage', 'name the edges that no test has sent a record along')
      .option('--bail', 'stop at the first test that fails')
      .option('--format <format>', FORMATS.join(', '), format, 'human')
      .action((paths: string[], options: Record<string, unknown>) =>
        run(async () => {
          const { testFiles } = await import('./test.ts');
          const { filter } = options;
          return testFiles(
            paths,
            {
              filter: filter instanceof RegExp ? filter : undefined,
              record: options['record'] === true,
              coverage: options['coverage'] === true,
              bail: options['bail'] === true,
              format: options['format'] as TestFormat,
            },
            standardStreams,
          );
        }),
      );
  },
};
