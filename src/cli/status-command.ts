/** `roundabout status`: what a running flow says of itself. */
import { InvalidArgumentError, Option } from 'commander';
import type { CommandEntry } from './command.ts';

/** The options by which a command finds its runner. */
export function runnerOptions(): Option[] {
  return [
    new Option('--state-dir <dir>', 'the state directory of the runner'),
    new Option('-t, --topology <file>', 'the topology file of the runner'),
  ];
}

function format(value: string): 'human' | 'json' {
  if (value === 'human' || value === 'json') return value;
  throw new InvalidArgumentError('it is human or json.');
}

export const statusCommand: CommandEntry = {
  name: 'status',
  summary: 'show lanes, operators, exits and the log of a running flow',
  define: (command, run) => {
    for (const option of runnerOptions()) command.addOption(option);
    command
      .option('--format <format>', 'human or json', format, 'human')
      .action((options: { stateDir?: string; topology?: string; format: 'human' | 'json' }) =>
        run(async () => {
          const [{ findRunner }, { statusLines }] = await Promise.all([
            import('./find-runner.ts'),
            import('./status-lines.ts'),
          ]);
          const status = await findRunner(options);
          process.stdout.write(
            options.format === 'json' ? `${JSON.stringify(status)}\n` : statusLines(status),
          );
          return 0;
        }),
      );
  },
};
