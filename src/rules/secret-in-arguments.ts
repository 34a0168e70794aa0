import { elements } from '../topology/read-value.ts';
import { entry, isSequence } from '../topology/value.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';
import { secretIn } from './secrets.ts';

const feed = (command: string): string =>
  inFile(
    `vehicles:\n  feed:\n    command: [${command}]\n    lanes: { lines: { codec: text } }\n` +
      'exits:\n  results: { from: lines, for: feed }\n',
  );

export const secretInArguments: Rule = {
  slug: 'secret-in-arguments',
  severity: 'warning',
  explain:
    'Arguments of a program are shown to everyone on the machine who lists processes. What is given in the environment is not.',
  wrong: feed('node, feed.js, --password, hunter2'),
  right: feed('node, feed.js, --password-file, /run/secrets/db'),
  check,
};

/** `--password X`, `--api-key=X`: the option, and its value if it follows at once. */
const OPTION =
  /^--?(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|secret|token|api[-_]?key)(=.+)?$/i;

function check({ written, report }: RuleContext): void {
  for (const [name, vehicle] of elements(entry(written, 'vehicles'))) {
    const command = vehicle.get('command');
    if (!isSequence(command)) continue;
    const words = command.map(String);
    words.forEach((word, i) => {
      const [option, value] = OPTION.exec(word) ?? [];
      const next = words[i + 1];
      const follows = next !== undefined && !next.startsWith('-');
      const named = option !== undefined && (value !== undefined || follows);
      const what = named ? `the value of "${word.split('=')[0]}"` : secretIn(word);
      if (what === undefined) return;
      report({
        path: ['vehicles', name, 'command', named && value === undefined ? i + 1 : i],
        message: `${what} is a secret that every list of processes shows`,
        hint: 'let the program read it from its environment, or from a file',
      });
    });
  }
}
