/**
 * Writes what came into the places a test left empty. Everything else of the file stays as it is, byte for
 * byte: comments, layout, order. A text that would not read back as what was meant is never given.
 */
import type { Path } from '../diagnostics/report.ts';
import { RoundaboutError } from '../stream/error.ts';
import { readDocument } from '../topology/document.ts';
import { isSequence, valueAt } from '../topology/value.ts';
import type { Recorded } from './outcome.ts';
import { recordText } from './value-text.ts';

/** As wide as a line of YAML may get before its records stand below one another. */
const LINE_MAX = 100;

/**
 * @param text the file; the value at each path must be empty, or null
 * @throws RoundaboutError `bad-usage` when the file would be longer than a topology may be
 */
export function fillIn(text: string, recorded: readonly Recorded[]): string {
  return recorded.reduce((filled, one) => fillOne(filled, one), text);
}

function fillOne(text: string, { path, records }: Recorded): string {
  const document = readDocument(text, '');
  const { line, endLine, endColumn } = document.place(path, { onKey: true });
  const colon = text.indexOf(':', offsetOf(text, endLine, endColumn));
  const written = document.source(path) ?? '';
  const end = written === '' ? colon + 1 : text.indexOf(written, colon) + written.length;
  const lineEnd = endOfLine(text, end);
  const items = records.map((record) => recordText(record));
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const start = offsetOf(text, line, 1);
  // As deep as the line's own first key, and two more.
  const depth = /^ *(- +)*/.exec(text.slice(start))?.[0].length ?? 0;
  const indent = `${newline}${' '.repeat(depth + 2)}`;
  const inline = ` [${items.join(', ')}]`;
  const short = colon - start + inline.length <= LINE_MAX;
  const head = text.slice(0, colon + 1);
  const list = items.map((item) => `${indent}- ${item}`).join('');
  const flow = `${indent}[${items.map((item) => `${indent}  ${item},`).join('')}${indent}]`;
  const forms = [
    ...(short ? [head + inline + text.slice(end)] : []),
    // Below a comment that follows the name.
    head + text.slice(end, lineEnd) + list + text.slice(lineEnd),
    // Inside of braces.
    head + flow + text.slice(end),
  ];
  const filled = forms.find((form) => readsBack(form, path, records.length));
  if (filled === undefined) {
    const what = `${records.length} records of ${path.at(-1)} are too much to be written into the file`;
    throw new RoundaboutError('bad-usage', what, { hint: 'expect how many are held instead' });
  }
  return filled;
}

function readsBack(text: string, path: Path, count: number): boolean {
  const { data, findings } = readDocument(text, '');
  const value = valueAt(data, path);
  const errors = findings.filter(({ severity }) => severity === 'error');
  return errors.length === 0 && isSequence(value) && value.length === count;
}

/** @param column counts code points from 1 */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) start = text.indexOf('\n', start) + 1;
  const before = [...text.slice(start, endOfLine(text, start))].slice(0, column - 1);
  return start + before.join('').length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}
