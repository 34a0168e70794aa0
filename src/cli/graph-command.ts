/** `roundabout graph FILE`: arguments. The work is in `graph.ts`. */
import { Option } from 'commander';
import type { CommandEntry } from './command.ts';
import type { GraphOptions } from './graph.ts';
import { formatOption } from './output-format.ts';
import { standardStreams } from './terminal.ts';

export const graphCommand: CommandEntry = {
  name: 'graph',
  summary: 'draw a flow: vehicles, lanes, operators and exits',
  define: (command, run) => {
    command
      .argument('<file>', 'the topology')
      .addOption(formatOption('mermaid', 'dot', 'svg', 'json'))
      .addOption(
        new Option('--theme <theme>', 'colours of the svg; auto follows the viewer')
          .choices(['auto', 'light', 'dark'])
          .default('auto'),
      )
      .option('-o, --output <path>', 'a file to write, instead of standard output')
      .action((file: string, options: GraphOptions) =>
        run(async () => (await import('./graph.ts')).graph(file, options, standardStreams)),
      );
  },
};
