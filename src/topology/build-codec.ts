/** The codec of a lane from its plain data, and what a lane of CSV says of its columns. */
import { CELLS_MAX } from '../codecs/csv-cells.ts';
import type { Path, Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { readPattern } from '../sql/pattern.ts';
import { STRING, typeText } from '../stream/schema.ts';
import { oneOf, text, texts } from './read-value.ts';
import type { Codec, CsvCodec, DeclaredField, PatternCodec } from './topology.ts';
import { entry, isMapping, type Mapping, type Value } from './value.ts';

/** Of a text lane's one field, unless the author calls it otherwise. */
export const LINE = 'line';
const LINE_FEED = '\n';
const WORDS = ['ndjson', 'text', 'csv', 'pattern'] as const;
const CSV: Path = ['codec', 'csv'];

/** @param report paths are relative to the lane */
export function buildCodec(data: Value | undefined, report: Report): Codec {
  const long = WORDS.find((word) => isMapping(data) && data.has(word));
  const settings = long === undefined ? undefined : entry(data, long);
  const kind = long ?? oneOf(data, WORDS);
  switch (kind) {
    case 'ndjson':
      return Object.freeze({ kind });
    case 'text': {
      const field = lineField(text(entry(settings, 'field')) ?? LINE);
      return Object.freeze({ kind, field, separator: separatorOf(settings, report) });
    }
    case 'csv':
      return buildCsv(settings, report);
    case 'pattern':
      return buildPattern(text(settings), report);
  }
}

/** Any line matches what stands in the place of a pattern that is none. */
function buildPattern(written: string | undefined, report: Report): Codec {
  const path = ['codec', 'pattern'];
  const read = readPattern(written ?? '', true);
  if ('why' in read) {
    report.add({
      rule: 'pattern-not-supported',
      path,
      message: `this is no pattern here: ${read.why}`,
    });
  } else if (read.names.every((name) => name === '') && written !== undefined) {
    report.add({
      rule: 'value-not-allowed',
      path,
      message: 'the pattern names no group, so no field could be made of it',
      hint: "write (?<NAME>...) around what a field is to have, such as '^(?<host>[^ ]+) '",
    });
  }
  return Object.freeze({ kind: 'pattern', pattern: 'why' in read ? '' : (written ?? '') });
}

function lineField(name: string): DeclaredField {
  return Object.freeze({
    name,
    type: STRING,
    sources: Object.freeze([Object.freeze([name])]),
    format: 'iso8601',
    pattern: null,
    expression: null,
  });
}

function separatorOf(data: Value | undefined, report: Report): string {
  const written = text(entry(data, 'separator')) ?? LINE_FEED;
  if (/^[\0-\x7f]$/.test(written)) return written;
  report.add({
    rule: 'value-not-allowed',
    path: ['codec', 'text', 'separator'],
    message: `${JSON.stringify(written)} is not one character of ASCII`,
    hint:
      written === '\r\n'
        ? 'leave it out: a CR before an LF is cut off'
        : 'write one, such as ";" or "\\0"',
  });
  return LINE_FEED;
}

function buildCsv(data: Value | undefined, report: Report): Codec {
  const delimiter = mark(data, 'delimiter', ',', report);
  const quote = mark(data, 'quote', '"', report);
  const nothing = text(entry(data, 'null')) ?? '';
  if (delimiter === quote) {
    report.add({
      rule: 'conflicting-fields',
      path: [...CSV, 'quote'],
      message: `${JSON.stringify(quote)} cannot both stand between cells and around them`,
    });
  }
  if (nothing.includes(delimiter) || nothing.startsWith(quote) || /[\r\n]/.test(nothing)) {
    report.add({
      rule: 'value-not-allowed',
      path: [...CSV, 'null'],
      message: `no cell can be ${JSON.stringify(nothing)} without quotes around it`,
      hint: 'write the text of the cell alone; a cell between quotes is never NULL',
    });
  }
  const columns = buildColumns(data, report);
  return Object.freeze({ kind: 'csv', columns, delimiter, quote, null: nothing });
}

/** One ASCII character that can stand in a line. */
function mark(
  data: Value | undefined,
  name: 'delimiter' | 'quote',
  usual: string,
  report: Report,
): string {
  const written = text(entry(data, name));
  if (written === undefined) return usual;
  if (/^[\t\x20-\x7e]$/.test(written)) return written;
  const tab = /^(tab|\\t)$/i.test(written);
  report.add({
    rule: 'value-not-allowed',
    path: [...CSV, name],
    message: `${JSON.stringify(written)} is not one character of ASCII`,
    hint: tab ? 'write "\\t" in double quotes' : `leave it out for ${usual}, or write another one`,
  });
  return usual;
}

function buildColumns(data: Value | undefined, report: Report): CsvCodec['columns'] {
  const columns = texts(entry(data, 'columns'));
  const written = isMapping(data) && data.has('columns');
  if (entry(data, 'header') !== false) {
    if (written) {
      report.add({
        rule: 'conflicting-fields',
        path: [...CSV, 'columns'],
        onKey: true,
        message: 'the header names the columns, so "columns" would be ignored',
        hint: 'write header: false if the first line is a record, else leave "columns" out',
      });
    }
    return null;
  }
  if (columns.length === 0) {
    report.add({
      rule: 'missing-field',
      path: [...CSV, 'columns'],
      onKey: true,
      message: 'without a header nothing says which column is which',
      hint: 'write columns: [id, region], all of them in their order',
    });
  }
  if (columns.length > CELLS_MAX) {
    report.add({
      rule: 'value-not-allowed',
      path: [...CSV, 'columns'],
      message: `${columns.length} columns are too many; the limit is ${CELLS_MAX}`,
    });
  }
  columns.forEach((column, i) => {
    const name = column.trim();
    const twice = columns.findIndex((other) => other.trim() === name) < i;
    if (name !== '' && !twice) return;
    report.add({
      rule: 'value-not-allowed',
      path: [...CSV, 'columns', i],
      message: twice ? `two columns are called "${name}"` : 'a column has no name',
      hint: 'name each one, also those that no field reads',
    });
  });
  return Object.freeze(columns.map((column) => column.trim()));
}

/**
 * Says which fields cannot be cells or groups, or are none of those that the file names.
 * @param lane its plain data
 */
export function checkColumns(
  codec: CsvCodec | PatternCodec,
  fields: readonly DeclaredField[],
  lane: Mapping,
  report: Report,
): void {
  const cells = codec.kind === 'csv';
  const columns = cells ? codec.columns : groupsOf(codec);
  const data = lane.get('fields');
  const refuses = cells && lane.get('unknown_fields') === 'reject';
  if (refuses) refuseOthers(columns ?? [], fields, report);
  for (const { name, type, sources, expression } of fields) {
    if (expression !== null) continue;
    const written = entry(data, name);
    const path = ['fields', name];
    if (type.kind === 'array' || type.kind === 'struct') {
      report.add({
        rule: 'type-mismatch',
        path: isMapping(written) ? [...path, 'type'] : path,
        message: `a ${cells ? 'cell of CSV' : 'group'} has one value, and "${name}" is ${typeText(type)}`,
        hint: "declare a string and compute the field from it, such as split(tags, ' ')",
      });
    }
    if (columns === null || columns.length === 0) continue;
    for (const [column] of sources) {
      if (columns.includes(column.trim())) continue;
      const meant = nearest(column, columns);
      const own = isMapping(written) && written.has('source');
      report.add({
        rule: 'unknown-column',
        path: own ? [...path, 'source'] : path,
        onKey: !own,
        message: cells ? `"columns" has no "${column}"` : `the pattern has no group "${column}"`,
        hint: meant === undefined ? `there are: ${columns.join(', ')}` : `did you mean "${meant}"?`,
      });
    }
  }
}

/** Names of the groups that have one. */
function groupsOf({ pattern }: PatternCodec): readonly string[] {
  const read = readPattern(pattern, true);
  return 'why' in read ? [] : read.names.filter((name) => name !== '');
}

/** Columns that the file names and no field reads would make every record one with unknown fields. */
function refuseOthers(
  columns: readonly string[],
  fields: readonly DeclaredField[],
  report: Report,
): void {
  const read = new Set(
    fields
      .filter(({ expression }) => expression === null)
      .flatMap(({ sources }) => sources.map(([column]) => column.trim())),
  );
  columns.forEach((column, i) => {
    if (read.has(column)) return;
    report.add({
      rule: 'conflicting-fields',
      path: [...CSV, 'columns', i],
      message: `no field reads "${column}", and unknown fields are to be rejected`,
      hint: 'declare it, or leave "unknown_fields" out',
    });
  });
}
