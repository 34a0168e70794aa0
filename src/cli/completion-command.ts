/** `roundabout completion SHELL`, and the hidden command that the printed scripts ask. */
import { Argument } from 'commander';
import type { CommandEntry } from './command.ts';
import type { Shell } from './completion-scripts.ts';

export const completionCommand: CommandEntry = {
  name: 'completion',
  summary: 'print a script that completes commands and names in a shell',
  define: (command, run) => {
    command
      .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
      .addHelpText(
        'after',
        '\nbash: eval "$(roundabout completion bash)", in ~/.bashrc\nzsh:  eval "$(roundabout completion zsh)", in ~/.zshrc after compinit\nfish: roundabout completion fish > ~/.config/fish/completions/roundabout.fish',
      )
      .action((shell: Shell) =>
        run(async () => {
          const { completionScript } = await import('./completion-scripts.ts');
          process.stdout.write(completionScript(shell));
          return 0;
        }),
      );
  },
};

export const completeCommand: CommandEntry = {
  name: '__complete',
  summary: 'candidates for the last of the words, one a line',
  hidden: true,
  define: (command, run) => {
    command.argument('[words...]', 'what stands on the line so far').action((words: string[]) =>
      run(async () => {
        const { complete } = await import('./complete.ts');
        const { parent } = command;
        const found = parent === null ? [] : await complete(parent, words);
        process.stdout.write(found.map(({ value, about }) => `${value}\t${about}\n`).join(''));
        return 0;
      }),
    );
  },
};
