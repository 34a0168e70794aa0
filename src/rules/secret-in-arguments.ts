import { elements } from '../topology/read-value.ts';
import { entry, isSequence } from '../topology/value.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const TOKEN = `"${'$'}{env:SHOP_TOKEN}"`;
const rest = 'lanes: { lines: { codec: text } } }\nexits:\n  results: { from: lines, for: shop }\n';

export const secretInArguments: Rule = {
  slug: 'secret-in-arguments',
  severity: 'warning',
  explain:
    'Everybody on the machine can list the arguments of a program. A secret belongs into its environment.',
  wrong: inFile(`vehicles:\n  shop: { command: [node, shop.js, ${TOKEN}], ${rest}`),
  right: inFile(`vehicles:\n  shop: { command: [node, shop.js], env: { TOKEN: ${TOKEN} }, ${rest}`),
  check,
};

/** A variable whose name says that its value is a secret. */
const SECRET = /\$\{env:(\w*(?:SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|_KEY)\w*)/i;

function check({ written, report }: RuleContext): void {
  for (const [name, vehicle] of elements(entry(written, 'vehicles'))) {
    const command = vehicle.get('command');
    for (const [i, argument] of isSequence(command) ? command.entries() : []) {
      const [, variable] = SECRET.exec(String(argument)) ?? [];
      if (variable === undefined) continue;
      report({
        path: ['vehicles', name, 'command', i],
        message: `${variable} would show in the list of processes`,
        hint: 'put it under "env" of the vehicle',
      });
    }
  }
}
