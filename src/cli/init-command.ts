/** `roundabout init`: arguments. The work is in `init.ts`. */
import { Argument } from 'commander';
import type { CommandEntry } from './command.ts';
import { TEMPLATES } from './templates.ts';
import { standardStreams } from './terminal.ts';

export const initCommand: CommandEntry = {
  name: 'init',
  summary: 'make a folder to start from: a topology, sample data and a vehicle',
  define: (command, run) => {
    command
      .addArgument(
        new Argument('[template]', 'what to start from')
          .choices(TEMPLATES.map(({ name }) => name))
          .default('quickstart'),
      )
      .argument('[dir]', 'the folder; absent: one with the name of the template')
      .addHelpText(
        'after',
        `\n${TEMPLATES.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}`).join('\n')}`,
      )
      .action((template: string, dir: string | undefined) =>
        run(async () => (await import('./init.ts')).init(template, dir, standardStreams)),
      );
  },
};
