/** The records that tests expect at exits of this topology, each with the fields it can have. */
import { DEAD_LETTER_FIELDS } from '../codecs/dead-letter.ts';
import type { Path } from '../diagnostics/report.ts';
import type { DataType } from '../stream/schema.ts';
import type { Plan } from '../topology/plan.ts';
import { DEAD_LETTER, type TopologyTest } from '../topology/topology-test.ts';
import type { Mapping } from '../topology/value.ts';

export interface ExpectedRecord {
  readonly exit: string;
  readonly fields: readonly { readonly name: string; readonly type: DataType }[];
  readonly record: Mapping;
  readonly path: Path;
}

export function expectationsIn(
  tests: readonly TopologyTest[],
  plan: Plan,
): readonly ExpectedRecord[] {
  const found: ExpectedRecord[] = [];
  const fieldsOf = new Map<string, ExpectedRecord['fields']>(
    plan.exits.map(({ name, fields }) => [
      name,
      fields.map((field) => ({ name: field.name, type: field.expression.type })),
    ]),
  ).set(DEAD_LETTER, DEAD_LETTER_FIELDS);
  for (const { steps } of tests) {
    for (const step of steps) {
      // Behind an edit an exit may have other fields.
      if (step.kind === 'reload' && step.file !== null) break;
      for (const look of step.kind === 'expect' ? step.looks : []) {
        if (look.what !== 'exit' && look.what !== 'received') continue;
        const { exit, expected } = look;
        const fields = fieldsOf.get(exit);
        if (fields === undefined || expected === null) continue;
        expected.records.forEach((record, i) => {
          found.push({ exit, fields, record, path: [...expected.path, i] });
        });
      }
    }
  }
  return found;
}
