/** `roundabout config`: arguments. The work is in `topology/effective.ts`. */
import type { CommandEntry } from './command.ts';
import { standardStreams } from './terminal.ts';

const EXIT_FINDINGS = 1;

export const configCommand: CommandEntry = {
  name: 'config',
  summary: 'print a topology as it is understood, secrets as ***',
  define: (command, run) => {
    command
      .argument('<file>', 'the topology')
      .option('--effective', 'with every default filled in')
      .action((file: string, options: { effective?: boolean }) =>
        run(async () => {
          const [{ effectiveText }, { readValid }] = await Promise.all([
            import('../topology/effective.ts'),
            import('./read-valid.ts'),
          ]);
          const valid = readValid(file, standardStreams);
          if (valid === undefined) return EXIT_FINDINGS;
          standardStreams.out.write(effectiveText(valid.text, options.effective === true));
          return 0;
        }),
      );
  },
};
