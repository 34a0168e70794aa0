/** `roundabout list`: arguments. The work is in `list.ts`. */
import { Argument } from 'commander';
import type { CommandEntry } from './command.ts';
import type { ListKind } from './list.ts';
import { formatOption } from './output-format.ts';
import { standardStreams } from './terminal.ts';

export const listCommand: CommandEntry = {
  name: 'list',
  summary: 'list what the language has: rules, operators, functions, aggregates, codecs',
  define: (command, run) => {
    command
      .addArgument(
        new Argument('<kind>', 'what to list').choices([
          'rules',
          'operators',
          'functions',
          'aggregates',
          'codecs',
        ] satisfies ListKind[]),
      )
      .addOption(formatOption('human', 'json'))
      .action((kind: ListKind, options: { format: 'human' | 'json' }) =>
        run(async () => (await import('./list.ts')).list(kind, options, standardStreams)),
      );
  },
};
