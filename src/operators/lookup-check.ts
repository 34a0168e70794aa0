/** Proves a `lookup`: the fields of its key on both sides, and that what is added has names of its own. */
import type { Finding, Path } from '../diagnostics/report.ts';
import { describeType, isComparable } from '../sql/type.ts';
import { type Field, fieldIndex, type Schema, sameType } from '../stream/schema.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { noSuchField } from './spec.ts';
import type { DeclaredTable } from './table.ts';

export interface Spec {
  readonly key: string | readonly string[];
  readonly kind?: 'inner' | 'left';
  readonly unmatched_to?: string;
}

export interface Checked {
  readonly input: InputStream;
  readonly table: DeclaredTable;
  readonly kind: 'inner' | 'left';
  /** Columns of the input, in the order of the key of the table. */
  readonly keys: readonly number[];
  /** Columns of the table that are no key. */
  readonly added: readonly number[];
  readonly unmatchedTo: string | undefined;
}

export function checkLookup(spec: Spec, context: CheckContext): Checked | undefined {
  const {
    inputs: [input],
    table,
    report,
  } = context;
  const { kind = 'inner', unmatched_to: unmatchedTo } = spec;
  if (table === undefined) return undefined; // the shape has said so
  if (kind === 'left' && unmatchedTo !== undefined) {
    const message = 'of kind left records without a row are part of the result';
    const hint = 'leave "unmatched_to" out, or write kind: inner';
    report.add({ rule: 'conflicting-fields', path: ['unmatched_to'], onKey: true, message, hint });
    return undefined;
  }
  const rows = tableKeys(table, context);
  const keys = rows && inputKeys(spec, rows, context);
  if (keys === undefined) return undefined;
  const added = [...table.schema.fields.keys()].filter((column) => !rows?.includes(column));
  const checked = { input, table, kind, keys, added, unmatchedTo };
  return clash(checked, context) ? undefined : checked;
}

/** The input's fields, then those of the table that are no key. */
export function outputSchema({ input, table, kind, added }: Checked): Schema {
  const fields = added.map((column): Field => {
    const field = table.schema.fields[column];
    return { ...field, nullable: field.nullable || kind === 'left' };
  });
  return { fields: [...input.schema.fields, ...fields] };
}

/** Columns of the key of the table. */
function tableKeys(table: DeclaredTable, { report }: CheckContext): readonly number[] | undefined {
  const { schema, key, file } = table;
  const columns: number[] = [];
  key.forEach((name, i) => {
    const path = key.length === 1 ? ['table', 'key'] : ['table', 'key', i];
    const column = fieldIndex(schema, name);
    if (column < 0) {
      report.add(noSuchField({ name: file, schema }, name, path));
    } else if (columns.includes(column)) {
      report.add(twice(name, path));
    } else if (!isComparable(schema.fields[column].type)) {
      const message = `rows can't be found by ${describeType(schema.fields[column].type)}`;
      report.add({ rule: 'type-mismatch', path, message });
    } else columns.push(column);
  });
  return columns.length === key.length ? columns : undefined;
}

/** Columns of the input that are looked up. */
function inputKeys(
  { key }: Spec,
  rows: readonly number[],
  context: CheckContext,
): readonly number[] | undefined {
  const {
    inputs: [input],
    table,
    report,
  } = context;
  const names = typeof key === 'string' ? [key] : key;
  if (table === undefined) return undefined;
  if (names.length !== rows.length) {
    const message = `the key of ${table.file} is ${table.key.join(', ')}, this has ${names.length === 1 ? 'one field' : `${names.length} fields`}`;
    const hint = 'name one field of the record for each, in their order';
    report.add({ rule: 'value-not-allowed', path: ['key'], message, hint });
    return undefined;
  }
  const columns: number[] = [];
  names.forEach((name, i) => {
    const path: Path = typeof key === 'string' ? ['key'] : ['key', i];
    const column = fieldIndex(input.schema, name);
    const row = table.schema.fields[rows[i]];
    if (column < 0) {
      report.add(noSuchField(input, name, path));
    } else if (columns.includes(column)) {
      report.add(twice(name, path));
    } else if (!sameType(input.schema.fields[column].type, row.type)) {
      const found = describeType(input.schema.fields[column].type);
      const message = `"${name}" is ${found} in "${input.name}", "${row.name}" is ${describeType(row.type)} in ${table.file}: they can never be equal`;
      const hint = 'give both the same type, at the lane, in the table or with a select';
      report.add({ rule: 'join-key-type', path, message, hint });
    } else columns.push(column);
  });
  return columns.length === names.length ? columns : undefined;
}

function twice(name: string, path: Path): Finding {
  const message = `"${name}" is there already`;
  return { rule: 'duplicate-name', path, message, hint: 'leave it out' };
}

/** @returns whether a field that is added has the name of one that is there, which is reported */
function clash({ input, table, added }: Checked, { report }: CheckContext): boolean {
  const both = added
    .map((column) => table.schema.fields[column].name)
    .filter((name) => fieldIndex(input.schema, name) >= 0);
  for (const name of both) {
    const message = `"${input.name}" has a field "${name}" already`;
    const hint = `give it another name, and say what the file calls it: ${table.file.replace(/\W.*/s, '')}_${name}: { type: ..., source: ${name} }`;
    report.add({
      rule: 'duplicate-name',
      path: ['table', 'fields', name],
      onKey: true,
      message,
      hint,
    });
  }
  return both.length > 0;
}
