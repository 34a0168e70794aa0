import type { Finding } from '../diagnostics/report.ts';
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
      ...(/^[\w./\\:=@ +-]+$/.test(command) ? asList(command) : forShell(command)),
    });
  }
}

function asList(command: string): Pick<Finding, 'hint' | 'fix'> {
  const words = command.trim().split(/\s+/).map(word);
  const list = `[${words.join(', ')}]`;
  // A text over several lines would leave its indentation behind.
  return { hint: `write ${list}`, fix: (written) => (written.includes('\n') ? undefined : list) };
}

/** Not a fix: whether a shell is meant only the author knows. */
function forShell(command: string): Pick<Finding, 'hint'> {
  const line = command.replaceAll("'", "''");
  const isShort = line.length < 60 && !line.includes('\n');
  return { hint: `if a shell is meant, write [sh, -c, ${isShort ? `'${line}'` : '...'}]` };
}

/** A word as YAML takes it for text. */
function word(text: string): string {
  const plain = /^-{0,2}[A-Za-z./_][\w./=@+-]*$/.test(text);
  return plain && !/^(?:true|false|null|yes|no|on|off|\.inf|\.nan)$/i.test(text)
    ? text
    : `'${text}'`;
}
