/** What came of tests, for programs: newline-delimited JSON, and JUnit's XML as CI systems read it. */
import { findingRows } from '../diagnostics/json.ts';
import { plainPainter } from '../diagnostics/look.ts';
import { formatDuration } from '../stream/time.ts';
import type { Failure } from '../testing/outcome.ts';
import { jsonRecord } from './json-record.ts';
import type { FileResult } from './test.ts';
import { testLines } from './test-lines.ts';

/** A header first, a row for each finding and each test, a summary last. Fields are added, never renamed. */
export function jsonTests(results: readonly FileResult[]): string {
  const rows: object[] = [{ roundabout: 1, kind: 'tests' }];
  for (const { file, findings, tests, lineOf, notCovered } of results) {
    rows.push(...findingRows(findings));
    for (const test of tests) {
      rows.push({
        kind: 'test',
        file,
        line: lineOf([...test.path, 'name']),
        name: test.name,
        passed: test.failures.length === 0,
        elapsed_ms: Math.round(test.elapsedMs),
        virtual: formatDuration(test.virtual),
        recorded: test.recorded.length,
        failures: test.failures.map((failure) => failureRow(failure, lineOf)),
      });
    }
    for (const { from, to } of notCovered) rows.push({ kind: 'not_covered', file, from, to });
  }
  const all = results.flatMap(({ tests }) => tests);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  rows.push({ kind: 'summary', files: results.length, passed: all.length - failed, failed });
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function failureRow({ path, step, what, message, rows }: Failure, lineOf: FileResult['lineOf']) {
  return {
    step,
    line: lineOf(path),
    what,
    message,
    records: rows.map((row) => ({
      sign: row.sign,
      record: jsonRecord(row.record),
      step: row.sign === '+' ? row.step.number : null,
    })),
  };
}

/** One suite a file; a file with errors is a suite with one case that could not be run. */
export function junitTests(results: readonly FileResult[]): string {
  const suites = results.map((result) => {
    const { file, findings, tests } = result;
    const failures = tests.filter((test) => test.failures.length > 0).length;
    const errors = findings.length > 0 ? 1 : 0;
    const seconds = tests.reduce((sum, test) => sum + test.elapsedMs, 0) / 1000;
    const cases = tests.map((test) => {
      const head = `<testcase name="${xml(test.name)}" classname="${xml(file)}" time="${time(test.elapsedMs / 1000)}"`;
      const [first] = test.failures;
      if (first === undefined) return `    ${head}/>\n`;
      const text = testLines({ ...result, findings: [], tests: [test] }, PLAIN);
      const message = `${first.what}: ${first.message}`;
      return `    ${head}>\n      <failure message="${xml(message)}" type="failed">${xml(text)}</failure>\n    </testcase>\n`;
    });
    if (errors > 0) {
      const text = testLines({ ...result, tests: [] }, PLAIN);
      cases.push(
        `    <testcase name="validate" classname="${xml(file)}" time="0">\n      <error message="${xml(findings[0].message)}" type="${xml(findings[0].rule)}">${xml(text)}</error>\n    </testcase>\n`,
      );
    }
    const counts = `tests="${tests.length + errors}" failures="${failures}" errors="${errors}"`;
    return `  <testsuite name="${xml(file)}" ${counts} time="${time(seconds)}">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="roundabout test">\n${suites.join('')}</testsuites>\n`;
}

const PLAIN = { paint: plainPainter, unicode: true };

function time(seconds: number): string {
  return seconds.toFixed(3);
}

/** Characters that XML 1.0 cannot carry at all are replaced. */
function xml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
