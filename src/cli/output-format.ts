/** The option `--format`, the same for every command that has one: the first form is the default. */
import { Option } from 'commander';

export function formatOption(first: string, ...others: readonly string[]): Option {
  return new Option('--format <format>', 'the form of the output')
    .choices([first, ...others])
    .default(first);
}
