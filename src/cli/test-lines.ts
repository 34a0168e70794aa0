/** What came of tests, for a person: what failed, with its place and the records side by side, and the sums. */
import { cells, printable } from '../diagnostics/cells.ts';
import { humanFindings } from '../diagnostics/human.ts';
import type { Look } from '../diagnostics/look.ts';
import { formatDuration } from '../stream/time.ts';
import type { DiffRow, Failure, TestOutcome } from '../testing/outcome.ts';
import { valueText } from '../testing/value-text.ts';
import { columnLines } from './columns.ts';
import type { FileResult } from './test.ts';

/** The place of a test ends at this column, where there is room. */
const WIDTH = 80;
/** Of each kind of row; the rest is counted. */
const ROWS_MAX = 20;
/** Of a value; what is longer is cut. */
const CELL_MAX = 40;

/** Whole lines; none when all has passed. */
export function testLines(result: FileResult, look: Look): string {
  const { file, text, findings, tests } = result;
  const broken = humanFindings(findings, new Map([[file, text]]), look);
  return broken + tests.map((test) => linesOf(test, result, look)).join('');
}

/** `11 passed, 1 failed in 84 ms (3d of virtual time). Not covered: settled -> late` */
export function testSummary(results: readonly FileResult[], elapsedMs: number): string {
  const tests = results.flatMap((result) => result.tests);
  const failed = tests.filter(({ failures }) => failures.length > 0).length;
  const virtual = tests.reduce((sum, test) => sum + test.virtual, 0);
  const recorded = tests.reduce(
    (sum, test) => sum + (test.failures.length > 0 ? 0 : test.recorded.length),
    0,
  );
  const time = `${Math.round(elapsedMs)} ms (${formatDuration(virtual)} of virtual time)`;
  let line = `${tests.length - failed} passed, ${failed} failed in ${time}`;
  if (recorded > 0)
    line += `, ${recorded} ${recorded === 1 ? 'expectation' : 'expectations'} written`;
  const edges = results.flatMap(({ file, notCovered }) =>
    notCovered.map(({ from, to }) => {
      const edge = `${from} -> ${to}`;
      return results.length === 1 ? edge : `${printable(file)} ${edge}`;
    }),
  );
  return edges.length === 0 ? `${line}\n` : `${line}. Not covered: ${edges.join(', ')}\n`;
}

function linesOf(test: TestOutcome, { file, lineOf }: FileResult, look: Look): string {
  const { name, path, failures } = test;
  if (failures.length === 0) return '';
  const sign = look.unicode ? '✗' : 'x';
  const place = printable(`${file}:${lineOf([...path, 'name'])}`);
  const title = `${sign} ${printable(name)}`;
  const gap = ' '.repeat(Math.max(2, WIDTH - cells(title) - cells(place)));
  const lines = [`${look.paint.error(sign)} ${look.paint.strong(printable(name))}${gap}${place}`];
  for (const failure of failures) {
    const { step, what, message } = failure;
    const where = `step ${step}, line ${lineOf(failure.path)}`;
    lines.push(`  ${where}, ${printable(`${what}: ${message}`)}`);
    lines.push(...table(failure, lineOf, look));
  }
  return `${lines.join('\n')}\n`;
}

function table(
  { rows, columns }: Failure,
  lineOf: FileResult['lineOf'],
  look: Look,
): readonly string[] {
  if (rows.length === 0) return [];
  const shown = (['=', '-', '+'] as const).flatMap((sign) =>
    rows.filter((row) => row.sign === sign).slice(0, ROWS_MAX),
  );
  const [head, ...lines] = columnLines([
    ['', ...columns.map(printable), ''],
    ...shown.map((row) => [
      row.sign,
      ...columns.map((column) => cell(row.record.get(column))),
      note(row, lineOf),
    ]),
  ]);
  const more = rows.length - shown.length;
  return [
    `    ${head}`,
    ...lines.map((line, i) => {
      const text = `    ${line}`;
      return shown[i].sign === '=' ? look.paint.dim(text) : text;
    }),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

function cell(value: Parameters<typeof valueText>[0] | undefined): string {
  const text = value === undefined ? '' : printable(valueText(value));
  return text.length > CELL_MAX ? `${text.slice(0, CELL_MAX - 3)}...` : text;
}

function note(row: DiffRow, lineOf: FileResult['lineOf']): string {
  if (row.sign === '=') return '';
  if (row.sign === '-') return 'expected, did not come';
  return `came in step ${row.step.number}, line ${lineOf(row.step.path)}`;
}
