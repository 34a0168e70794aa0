/** What must hold of any text that is judged, whatever it is. */
import assert from 'node:assert';
import { rules } from '../../src/rules/index.ts';
import { type Validation, validateText } from '../../src/rules/validate.ts';
import { commitTo } from '../../src/runner/commitment.ts';
import { readTables } from '../../src/runner/tables.ts';
import { Samples, tryOut } from '../../src/runner/trial.ts';
import type { Plan } from '../../src/topology/plan.ts';

const slugs: ReadonlySet<string> = new Set(rules.map(({ slug }) => slug));
const LINES = Buffer.from(
  '{"id":1,"at":1767225600000,"tags":["a","b"],"region":"north","amount":2.5,"meta":{"at":1767225600000}}\n' +
    '{"id":2,"at":"2026-01-01T00:00:05Z","time":"2026-01-01T00:00:05Z","delay":20,"origin":"LIS"}\nsome words\n',
);

/**
 * Judges a text: findings with known rules, words, and places that lie in it; and, if there is no error, a
 * flow that is committed as `run` does it, and runs over a few lines.
 * @throws AssertionError where that does not hold, and whatever the product throws
 */
export function judgeText(text: string, file = 'any.yaml'): Validation {
  const validation = validateText(text, file);
  const { findings, plan, topology } = validation;
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const { rule, message, severity, at, related = [], fix } of findings) {
    assert(slugs.has(rule), `${rule} is no rule`);
    assert(message !== '' && !message.includes('undefined'), `${rule}: ${message}`);
    for (const place of [at, ...related.map((other) => other.at)]) {
      assert.equal(place.file, file);
      lies(place.line, place.column, lines, rule);
      lies(place.endLine, place.endColumn, lines, rule);
      const forward = place.endLine - place.line || place.endColumn - place.column;
      assert(forward >= 0, `${rule}: ${JSON.stringify(place)} goes backwards`);
    }
    if (fix !== undefined) assert(fix.start <= fix.end && fix.end <= text.length, `fix of ${rule}`);
    assert(['error', 'warning', 'info'].includes(severity));
  }
  const refused = findings.some(({ severity }) => severity === 'error');
  assert.equal(topology === undefined, refused);
  assert.equal(plan === undefined, refused);
  if (topology !== undefined) run(commitTo(topology, undefined, (bytes) => new Uint8Array(bytes)));
  return validation;
}

function lies(line: number, column: number, lines: readonly string[], rule: string): void {
  assert(line >= 1 && line <= lines.length, `${rule}: line ${line} of ${lines.length}`);
  const columns = [...lines[line - 1]].length + 1;
  assert(column >= 1 && column <= columns, `${rule}: column ${column} of ${columns}, line ${line}`);
}

function run({ plan }: ReturnType<typeof commitTo>): void {
  const samples = new Samples();
  samples.take(
    plan.lanes.map(({ id }, lsn) => ({
      kind: 'chunk',
      lane: id,
      connection: id,
      bytes: LINES,
      lsn,
      at: 0,
    })),
    0,
  );
  tryOut(plan, samples, readTables(plan, emptyTable(plan), 0), 1_767_225_600_000_000);
}

/** Files of tables with a header where they have one, and no rows. */
function emptyTable(plan: Plan): (file: string) => Uint8Array {
  const headers = new Map(
    plan.stages.flatMap(({ table }) => {
      if (table?.codec.kind !== 'csv' || table.codec.columns !== null) return [];
      const columns = table.codec.fields.map(({ source: [column] }) => column);
      return [[table.file, `${columns.join(table.codec.delimiter)}\n`] as const];
    }),
  );
  return (file) => Buffer.from(headers.get(file) ?? '');
}
