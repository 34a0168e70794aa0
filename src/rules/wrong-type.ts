import type { Path } from '../diagnostics/report.ts';
import { describeType } from '../sql/type.ts';
import type { DataType } from '../stream/schema.ts';
import { parseInstant } from '../topology/instant.ts';
import { isMapping, isSequence, type Value } from '../topology/value.ts';
import { inFile } from './example.ts';
import { expectationsIn } from './expectations-in.ts';
import type { PlanContext, Rule } from './rule.ts';

export const wrongType: Rule = {
  slug: 'wrong-type',
  severity: 'error',
  explain:
    'The value is of another kind than the field takes: text where a list belongs, a number where text belongs.',
  wrong: inFile('description: 5\n'),
  right: inFile('description: "5"\n'),
  checkPlan,
};

/** A record that a test expects and that no exit can ever give. */
function checkPlan({ tests, plan, report }: PlanContext): void {
  const judge = (type: DataType, value: Value | undefined, path: Path): void => {
    if (value === undefined || value === null) return;
    if (type.kind === 'array' && isSequence(value)) {
      for (const [i, one] of value.entries()) judge(type.element, one, [...path, i]);
    } else if (type.kind === 'struct' && isMapping(value)) {
      for (const field of type.fields)
        judge(field.type, value.get(field.name), [...path, field.name]);
    } else if (!canBe(type, value)) {
      const message = `"${path.at(-1)}" is ${describeType(type)} and cannot be ${shown(value)}`;
      report({ path, message, ...hint(type) });
    }
  };
  for (const { fields, record, path } of expectationsIn(tests, plan)) {
    for (const { name, type } of fields) judge(type, record.get(name), [...path, name]);
  }
}

function canBe(type: DataType, value: Value): boolean {
  switch (type.kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'long':
    case 'interval':
      return typeof value === 'number' && Number.isInteger(value);
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'timestamp':
      return typeof value === 'string' && parseInstant(value) !== undefined;
    case 'array':
      return isSequence(value);
    default:
      return isMapping(value);
  }
}

function shown(value: Value): string {
  if (isSequence(value)) return 'a list';
  return isMapping(value) ? 'named fields' : JSON.stringify(value);
}

function hint({ kind }: DataType): { hint?: string } {
  if (kind === 'timestamp') return { hint: 'write it as "2026-01-01T00:00:00Z"' };
  return kind === 'string' ? { hint: 'write it in quotes' } : {};
}
