import type { Path } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { texts } from '../topology/read-value.ts';
import { valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';
import { streamsIn } from './streams-in.ts';

export const danglingReference: Rule = {
  slug: 'dangling-reference',
  severity: 'error',
  explain: 'A name leads nowhere: no lane, operator or vehicle is called so.',
  wrong: withOrders('exits:\n  results: { from: odrers, for: shop }\n'),
  right: withOrders('exits:\n  results: { from: orders, for: shop }\n'),
  check,
};

function check({ topology, data, allNamed, report }: RuleContext): void {
  if (!allNamed) return;
  const streams = streamsIn(data);
  const look = (path: Path, known: ReadonlySet<string>, noun: string): void => {
    const value = valueAt(data, path);
    texts(value).forEach((name, i) => {
      if (known.has(name)) return;
      const at = typeof value === 'string' ? path : [...path, i];
      const routes = [...known].filter((stream) => stream.startsWith(`${name}.`));
      if (routes.length > 0) {
        const message = `"${name}" is a route: its streams have the names of its routes behind them`;
        report({ path: at, message, hint: `write ${routes.join(', or ')}` });
        return;
      }
      const meant = nearest(name, known);
      report({ path: at, message: `no ${noun} is called "${name}"`, ...hint(meant, known) });
    });
  };
  for (const { name } of topology.operators.values()) {
    for (const field of ['from', 'left', 'right']) {
      look(['operators', name, field], streams, 'lane or operator');
    }
  }
  const vehicles = new Set(topology.vehicles.keys());
  for (const { name } of topology.exits.values()) {
    look(['exits', name, 'from'], streams, 'lane or operator');
    look(['exits', name, 'for'], vehicles, 'vehicle');
  }
  look(['dead_letter', 'for'], vehicles, 'vehicle');
}

/** More names than this are no help. */
const LISTED_MAX = 8;

function hint(meant: string | undefined, known: ReadonlySet<string>): { hint?: string } {
  if (meant !== undefined) return { hint: `did you mean "${meant}"?` };
  if (known.size === 0 || known.size > LISTED_MAX) return {};
  return { hint: `there is ${[...known].sort().join(', ')}` };
}
