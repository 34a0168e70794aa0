/** `roundabout eval EXPR`: arguments. The work is in `eval.ts`, loaded when it is called. */
import type { CommandEntry } from './command.ts';
import { standardStreams } from './terminal.ts';

export const evalCommand: CommandEntry = {
  name: 'eval',
  summary: 'evaluate an expression: of constants, on a record, or on what a lane brings',
  define: (command, run) => {
    command
      .argument('<expression>', 'as it would stand in a topology')
      .option('--record <json>', 'one record, as JSON')
      .option('-t, --topology <file>', 'the topology whose lane says what fields there are')
      .option('--lane <name>', 'that lane; its lines come on standard input, or one by --record')
      .action((expression: string, options: Record<string, unknown>) =>
        run(async () => {
          const { evalExpression } = await import('./eval.ts');
          const text = (name: string): string | undefined =>
            typeof options[name] === 'string' ? options[name] : undefined;
          return evalExpression(
            expression,
            { record: text('record'), topology: text('topology'), lane: text('lane') },
            standardStreams,
          );
        }),
      );
  },
};
