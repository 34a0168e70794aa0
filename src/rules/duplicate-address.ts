import type { Path } from '../diagnostics/report.ts';
import { valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

export const duplicateAddress: Rule = {
  slug: 'duplicate-address',
  severity: 'error',
  explain:
    'Each AMQP address belongs to one exit. An exit without "address" has its own name; dead letters leave at "dead_letter".',
  wrong: withOrders(`exits:
  results: { from: orders, for: shop }
  copies: { from: orders, for: shop, address: results }
`),
  right: withOrders(`exits:
  results: { from: orders, for: shop }
  copies: { from: orders, for: shop, address: results-copy }
`),
  check,
};

function check({ topology, data, report }: RuleContext): void {
  const { exits, deadLetter } = topology;
  const all = [
    { address: deadLetter.address, at: ['dead_letter'], what: 'the dead letter' },
    ...[...exits.values()].map(({ name, address }) => ({
      address,
      at: ['exits', name],
      what: `exit "${name}"`,
    })),
  ];
  const taken = new Map<string, (typeof all)[number]>();
  // An address that was written gives way to one that follows from a name.
  const written = (at: Path): boolean => valueAt(data, [...at, 'address']) !== undefined;
  for (const one of [...all].sort((a, b) => Number(written(a.at)) - Number(written(b.at)))) {
    const other = taken.get(one.address);
    if (other === undefined) {
      taken.set(one.address, one);
      continue;
    }
    const isWritten = written(one.at);
    report({
      path: isWritten ? [...one.at, 'address'] : one.at,
      onKey: !isWritten,
      message: `"${one.address}" is the address of ${other.what} already`,
      ...(valueAt(data, other.at) === undefined
        ? {}
        : { related: [{ path: other.at, message: other.what }] }),
    });
  }
}
