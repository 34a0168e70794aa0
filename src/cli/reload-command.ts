/** `roundabout reload`: has a running flow read its file again, as SIGHUP does, and says what came of it. */
import type { CommandEntry } from './command.ts';
import { runnerOptions } from './status-command.ts';

export const reloadCommand: CommandEntry = {
  name: 'reload',
  summary: 'have a running flow read its file again',
  define: (command, run) => {
    for (const option of runnerOptions()) command.addOption(option);
    command
      .option('--allow-reset <name...>', 'operators whose state may go')
      .action((options: { stateDir?: string; topology?: string; allowReset?: string[] }) =>
        run(async () => {
          const { reloadRunner } = await import('./edit.ts');
          return reloadRunner(options, { dryRun: false, allowReset: options.allowReset ?? [] });
        }),
      );
  },
};
