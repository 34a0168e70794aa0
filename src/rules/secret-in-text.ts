import type { Path } from '../diagnostics/report.ts';
import { isMapping, isSequence, type Value } from '../topology/value.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';
import { isBareReference, isReference, namesSecret, secretIn } from './secrets.ts';

const feed = (env: string): string =>
  inFile(
    `vehicles:\n  feed:\n    command: [node, feed.js]\n    env: { ${env} }\n    lanes: { lines: { codec: text } }\n` +
      'exits:\n  results: { from: lines, for: feed }\n',
  );

export const secretInText: Rule = {
  slug: 'secret-in-text',
  severity: 'error',
  explain:
    'A password or token stands in the file. The file is copied, shown in reviews and kept in every version of the repository, and in the log of the flow.',
  wrong: feed('DB_PASSWORD: hunter2'),
  right: feed('DB_PASSWORD_FILE: /run/secrets/db'),
  check,
};

const SECRET_FIELDS: ReadonlySet<string> = new Set(['password', 'secret', 'token']);

function check({ written, report }: RuleContext): void {
  visit(written, []);

  function visit(value: Value, path: Path): void {
    // What a program is called with has a rule of its own; what a test feeds is no secret.
    if (path[0] === 'tests' || (path.length === 3 && path[2] === 'command')) return;
    if (isMapping(value)) for (const [key, inner] of value) visit(inner, [...path, key]);
    else if (isSequence(value))
      for (const [i, inner] of value.entries()) visit(inner, [...path, i]);
    else if (value !== null && typeof value !== 'boolean') judge(String(value), path);
  }

  function judge(text: string, path: Path): void {
    const elsewhere = isSecretField(path) ? isBareReference(text) : isReference(text);
    if (text === '' || elsewhere) return;
    const name = String(path.at(-1));
    const inEnv = path[0] === 'vehicles' && path.length === 4 && path[2] === 'env';
    const what =
      (inEnv && namesSecret(name)) || isSecretField(path)
        ? `the value of "${name}"`
        : secretIn(text);
    if (what === undefined) return;
    report({
      path,
      message: `${what} is a secret and stands in the file`,
      hint: inEnv
        ? `write \${env:${name}}, or give the name of a file that holds it`
        : 'keep it in the environment or in a file of its own',
    });
  }
}

/** Of the language: a record's field may have any name. */
function isSecretField(path: Path): boolean {
  if (!SECRET_FIELDS.has(String(path.at(-1)))) return false;
  const [top, , part] = path;
  return (
    top === 'amqp' || top === 'http' || (top === 'vehicles' && part !== 'lanes' && part !== 'env')
  );
}
