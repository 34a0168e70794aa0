/** The work of `roundabout list`: one line for each thing there is, from the definitions that run. */
import { operators } from '../operators/index.ts';
import { rules } from '../rules/index.ts';
import { aggregates } from '../sql/aggregates.ts';
import { functions } from '../sql/functions.ts';
import { isRefused } from '../topology/coming-fields.ts';
import { CODECS } from '../topology/schema-lane.ts';
import type { Streams } from './command.ts';

export type ListKind = 'rules' | 'operators' | 'functions' | 'aggregates' | 'codecs';

/** In a terminal of 80 columns a longer name pushes its line's rest away, alone. */
const NAME_MAX = 30;

interface Row {
  readonly name: string;
  /** What it is, in a word, where there are several sorts. */
  readonly sort?: string;
  readonly summary: string;
}

export function list(
  kind: ListKind,
  { format }: { readonly format: 'human' | 'json' },
  { out }: Streams,
): number {
  const rows = rowsOf(kind);
  if (format === 'json') {
    out.write(`{"roundabout":1,"kind":"${kind}"}\n`);
    for (const row of rows) out.write(`${JSON.stringify(row)}\n`);
    return 0;
  }
  const width = Math.min(NAME_MAX, Math.max(...rows.map(({ name }) => name.length)));
  const sorts = Math.max(0, ...rows.map(({ sort = '' }) => sort.length));
  for (const { name, sort = '', summary } of rows) {
    const cells = [name.padEnd(width), ...(sorts > 0 ? [sort.padEnd(sorts)] : []), summary];
    out.write(`${cells.join('  ')}\n`);
  }
  return 0;
}

function rowsOf(kind: ListKind): readonly Row[] {
  switch (kind) {
    case 'rules':
      return rules.map(({ slug, severity, explain }) => ({
        name: slug,
        sort: severity,
        summary: explain,
      }));
    case 'operators':
      return operators.map(({ type, summary }) => ({ name: type, summary }));
    case 'functions':
      return [...functions.values()].map(({ signature, doc }) => ({
        name: signature,
        summary: doc,
      }));
    case 'aggregates':
      return [...aggregates].map(([name, { doc }]) => ({ name, summary: doc }));
    case 'codecs':
      return CODECS.filter(({ name }) => !isRefused(['vehicles', 'lanes', 'codec'], name));
  }
}
