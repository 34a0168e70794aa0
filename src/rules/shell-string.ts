import { elements } from '../topology/read-value.ts';
import { entry } from '../topology/value.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const rest = 'lanes: { lines: { codec: text } } }\nexits:\n  results: { from: lines, for: feed }\n';

export const shellString: Rule = {
  slug: 'shell-string',
  severity: 'error',
  explain:
    'A command is a list of a program and its arguments. No shell reads it, so there is nothing to quote and nothing to inject.',
  wrong: inFile(`vehicles:\n  feed: { command: "node feed.js --all", ${rest}`),
  right: inFile(`vehicles:\n  feed: { command: [node, feed.js, --all], ${rest}`),
  check,
};

function check({ data, report }: RuleContext): void {
  for (const [name, vehicle] of elements(entry(data, 'vehicles'))) {
    const command = vehicle.get('command');
    if (typeof command !== 'string') continue;
    report({
      path: ['vehicles', name, 'command'],
      message: '"command" is a list of a program and its arguments, not a line for a shell',
      // Quotes and redirections are the shell's; only a plain line can be split for the author.
      ...(/^[\w./\\:=@ +-]+$/.test(command)
        ? { hint: `write [${command.trim().split(/\s+/).join(', ')}]` }
        : {}),
    });
  }
}
