/** `roundabout run FILE`: arguments. The work is in `run.ts`, loaded when it is called. */
import type { CommandEntry } from './command.ts';
import { readSets, setOption } from './sets.ts';

export const runCommand: CommandEntry = {
  name: 'run',
  summary: 'run a topology until it is stopped, or drained',
  define: (command, run) => {
    command
      .argument('<file>', 'the topology, a YAML file')
      .option('--state-dir <dir>', 'where its log and holds are kept, instead of state.dir')
      .option('--amqp <address>', 'where exits are served, instead of amqp.listen')
      .option('--fresh', 'set the old state directory aside and start anew')
      .option('--watch', 'rewire when the file is saved; so it is in a terminal')
      .option('--no-watch', 'do not follow edits of the file; SIGHUP and reload still read it')
      .option('--allow-reset <name...>', 'operators whose state may go if the file was edited')
      .option(
        '--until <end>',
        '`drained`: stop when all input has ended and was delivered; or a duration like 30s',
      )
      .addOption(setOption())
      .action((file: string, options: Record<string, unknown>) =>
        run(async () => {
          const { runFlow } = await import('./run.ts');
          return runFlow(file, {
            stateDir: text(options['stateDir']),
            amqp: text(options['amqp']),
            fresh: options['fresh'] === true,
            watch: typeof options['watch'] === 'boolean' ? options['watch'] : undefined,
            allowReset: Array.isArray(options['allowReset']) ? options['allowReset'] : [],
            until: text(options['until']),
            sets: readSets(options['set'] as string[]),
          });
        }),
      );
  },
};

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
