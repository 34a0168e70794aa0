/** `roundabout infer FILE`: arguments. The work is in `infer.ts`. */
import type { CommandEntry } from './command.ts';
import { standardStreams } from './terminal.ts';

export const inferCommand: CommandEntry = {
  name: 'infer',
  summary: 'guess the fields of a lane from a sample of its lines',
  define: (command, run) => {
    command
      .argument('<file>', 'lines of JSON, or CSV with a header in a file *.csv or *.tsv')
      .action((file: string) =>
        run(async () => (await import('./infer.ts')).infer(file, standardStreams)),
      );
  },
};
