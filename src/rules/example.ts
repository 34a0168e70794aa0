/** Example files of rules, put together from the part that matters and a flow around it. */
interface Parts {
  /** Top-level lines. */
  readonly top?: string;
  /** Lines under the lane. */
  readonly lane?: string;
  /** Lines under `operators`. */
  readonly operators?: string;
  /** Lines under `exits`. */
  readonly exits?: string;
  /** Lines under `vehicles`, behind the first one. */
  readonly vehicles?: string;
}

function indented(text: string, by: number): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}\n`)
    .join('');
}

const LANE = `
listen: 7101
fields: { id: long, price: double, at: timestamp }
event_time: at
`;
const OPERATORS = `
dear: { type: filter, from: orders, where: price > 100 }
`;

export function example(parts: Parts = {}): string {
  const { top = '', lane = LANE, operators = OPERATORS, vehicles } = parts;
  const { exits = 'out: { from: dear, for: shop }' } = parts;
  return [
    `version: 1\nname: example\nhttp: false\n${top}`,
    `vehicles:\n  shop:\n    lanes:\n      orders:\n${indented(lane, 8)}`,
    vehicles === undefined ? '' : indented(vehicles, 2),
    `operators:\n${indented(operators, 2)}`,
    `exits:\n${indented(exits, 2)}`,
  ].join('');
}
