/** The table of an operator from its plain data. Its lines are read like those of a lane. */
import type { Path, Report } from '../diagnostics/report.ts';
import { buildLane, isComputed } from './build-lane.ts';
import type { SourceOf } from './operator-spec.ts';
import { text, texts } from './read-value.ts';
import type { Table } from './topology.ts';
import type { Mapping } from './value.ts';

/** @param name of the operator */
export function buildTable(
  name: string,
  data: Mapping,
  path: Path,
  source: SourceOf,
  report: Report,
): Table {
  const file = text(data.get('file')) ?? '';
  const lines = new Map([...data].filter(([key]) => LINES.has(key)));
  if (!lines.has('codec') && isCsvFile(file)) lines.set('codec', 'csv');
  const lane = buildLane(name, { name: '', scheduled: false }, lines, path, source, report);
  const { codec, fields, required, unknownFields } = lane;
  return Object.freeze({
    name,
    file,
    codec,
    // A computed one is no field of a table, which its shape has said.
    fields: Object.freeze(fields.filter((field) => !isComputed(field))),
    required,
    unknownFields,
    key: Object.freeze(texts(data.get('key'))),
  });
}

/** Fields that a table shares with a lane. */
const LINES: ReadonlySet<string> = new Set(['codec', 'fields', 'required']);

export function isCsvFile(file: string): boolean {
  return file.toLowerCase().endsWith('.csv');
}
