/** The plan of a table: what must be known to make rows of the lines of its file. */
import assert from 'node:assert';
import type { Report } from '../diagnostics/report.ts';
import type { DeclaredTable } from '../operators/table.ts';
import { fieldIndex } from '../stream/schema.ts';
import type { PlanIds } from './canonical.ts';
import { checkLane, laneSchema } from './lane-fields.ts';
import type { TablePlan } from './plan.ts';
import { codecOf, derivationOf } from './plan-lane.ts';
import type { LineFormat, Table } from './topology.ts';

/** What an operator is told of its table. */
export function declaredTable(table: Table): DeclaredTable {
  return { file: table.file, schema: laneSchema(linesOf(table)), key: table.key };
}

/** No row is without its key: nothing could ever find it. */
function linesOf({ required, key, ...table }: Table): LineFormat {
  return { ...table, required: [...new Set([...required, ...key])] };
}

/**
 * @param report paths are relative to the table
 * @returns undefined when a field has a problem
 */
export function planTable(table: Table, ids: PlanIds, report: Report): TablePlan | undefined {
  const { name, file, key } = table;
  const id = ids.tables.get(name);
  assert(id !== undefined, `the table of ${name} has no id`);
  const lines = linesOf(table);
  const fields = checkLane(lines, new Map(), report);
  if (fields === undefined) return undefined;
  const schema = laneSchema(lines);
  const all = new Set(schema.fields.keys());
  return Object.freeze({
    id,
    name,
    file,
    codec: codecOf(lines, fields, all),
    schema,
    derivation: derivationOf(lines, fields, all),
    keys: key.map((field) => fieldIndex(schema, field)),
  });
}
