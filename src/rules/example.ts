/** Beginnings of the examples of rules, so that each shows little more than what it is about. */

const HEAD = 'version: 1\nname: example\n';

const LANE = `${HEAD}vehicles:
  shop:
    lanes:
      orders:
        listen: 7001
        fields: { id: long, region: string, amount: double, tags: array<string>, at: timestamp }
        event_time: at
`;

/** A file with a name; `rest` is at the top level. */
export function inFile(rest: string): string {
  return HEAD + rest;
}

/** A file with one vehicle that has one lane, `orders`; `rest` is at the top level. */
export function withOrders(rest: string): string {
  return LANE + rest;
}

/** A file with one operator, `result`, that reads `orders` and is written in braces. */
export function withOperator(fields: string): string {
  return `${LANE}operators:
  result: { from: orders, ${fields} }
exits:
  results: { from: result, for: shop }
`;
}

/** A file with one `filter`; the condition is put in quotes. */
export function withCondition(where: string): string {
  return withOperator(`type: filter, where: "${where}"`);
}

/** A file whose one lane is written in braces. */
export function withLane(fields: string): string {
  return `${HEAD}vehicles:
  shop:
    lanes:
      orders: { ${fields} }
exits:
  results: { from: orders, for: shop }
`;
}
