/** `roundabout plan`: what an edit would do to the running flow, or what lies between two files. */
import type { CommandEntry } from './command.ts';
import { readSets, setOption } from './sets.ts';

export const planCommand: CommandEntry = {
  name: 'plan',
  summary: 'say what an edit would keep, rewire and lose, before it is made',
  define: (command, run) => {
    command
      .argument('<files...>', 'the file of a running flow; or two files, before and after')
      .option('--state-dir <dir>', 'the state directory of the runner')
      .option('--allow-reset <name...>', 'operators whose state may go')
      .option('--detailed-exitcode', '10: something changes, all is kept; 11: something is lost')
      .addOption(setOption())
      .action(
        (
          files: string[],
          options: {
            stateDir?: string;
            allowReset?: string[];
            detailedExitcode?: boolean;
            set: string[];
          },
        ) =>
          run(async () => {
            const { planFiles } = await import('./edit.ts');
            return planFiles(files, {
              stateDir: options.stateDir,
              allowReset: options.allowReset ?? [],
              sets: readSets(options.set),
              detailed: options.detailedExitcode === true,
            });
          }),
      );
  },
};
