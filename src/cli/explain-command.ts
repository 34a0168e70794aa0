/** `roundabout explain`: arguments. The work is in `explain.ts`. */
import type { CommandEntry } from './command.ts';
import { formatOption } from './output-format.ts';
import { standardStreams } from './terminal.ts';

export const explainCommand: CommandEntry = {
  name: 'explain',
  summary: 'say what a rule, a field, a function, or an element of a file means or does',
  define: (command, run) => {
    command
      .argument('<what>', 'a rule, a field like exits.hold, a function; or a topology file')
      .argument('[name]', 'of a file: a vehicle, lane, operator or exit; absent: all of them')
      .addOption(formatOption('human', 'json'))
      .action((what: string, name: string | undefined, options: { format: 'human' | 'json' }) =>
        run(async () =>
          (await import('./explain.ts')).explain(what, name, options, standardStreams),
        ),
      );
  },
};
