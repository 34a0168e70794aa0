/** Tests of a topology, run from a text, with files that are texts too. */
import { validateText } from '../../src/rules/validate.ts';
import { RoundaboutError } from '../../src/stream/error.ts';
import type { TestOutcome } from '../../src/testing/outcome.ts';
import { runTest } from '../../src/testing/run-test.ts';

/** One lane of records with their own time, a window, and two vehicles: one feeds, one receives. */
export const FLOW = `version: 1
name: flow
http: false
vehicles:
  till:
    lanes:
      sales:
        listen: 0
        fields: { id: long, shop: string, paid: double, at: timestamp }
        event_time: { field: at, max_delay: 10s }
  office: {}
operators:
  per_shop:
    type: aggregate
    from: sales
    window: { tumble: 1m }
    group_by: shop
    fields: { n: count(*), paid: sum(paid) }
exits:
  all: { from: sales, for: office }
  shops: { from: per_shop, for: [office, till] }
`;

/** A record of FLOW, as YAML. */
export function sale(id: number, shop: string, at: string, paid = 1): string {
  return `{ id: ${id}, shop: ${shop}, paid: ${paid}, at: "2026-01-01T00:${at}Z" }`;
}

/** The flow with one test, its steps a line each. */
export function withSteps(steps: readonly string[], flow = FLOW): string {
  return `${flow}tests:\n  - name: a test\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`;
}

/** Outcomes of all tests of a file. */
export async function outcomesOf(
  text: string,
  { files = {} as Readonly<Record<string, string>>, record = false } = {},
): Promise<readonly TestOutcome[]> {
  const { topology, tests, findings } = validateText(text, 'flow.yaml');
  if (topology === undefined) throw new Error(JSON.stringify(findings, null, 2));
  const read = (file: string): Uint8Array => {
    const found = files[file];
    if (found === undefined) throw new RoundaboutError('file-unreadable', `there is no ${file}`);
    return Buffer.from(found);
  };
  const outcomes: TestOutcome[] = [];
  for (const test of tests) outcomes.push(await runTest(test, { topology, read, record }));
  return outcomes;
}

/** What failed, a sentence each; empty: the test passes. */
export async function failuresOf(
  steps: readonly string[],
  files: Readonly<Record<string, string>> = {},
  flow = FLOW,
): Promise<readonly string[]> {
  const [outcome] = await outcomesOf(withSteps(steps, flow), { files });
  return outcome.failures.map(({ step, what, message }) => `${step} ${what}: ${message}`);
}
