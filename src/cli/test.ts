/**
 * The work of `roundabout test`: finds the files, runs what they carry, one test after the other, and gives the
 * exit code. Results go to `out`; what could not be opened, and what was passed over, to `err`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Path } from '../diagnostics/report.ts';
import { readBytes, type Validation, validateText } from '../rules/validate.ts';
import { judgeTables } from '../runner/tables.ts';
import { RoundaboutError } from '../stream/error.ts';
import { type Edge, notCovered } from '../testing/coverage.ts';
import { fillIn } from '../testing/fill-in.ts';
import type { TestOutcome } from '../testing/outcome.ts';
import { runTest } from '../testing/run-test.ts';
import type { Streams } from './command.ts';
import { findInputs, type Input } from './find-inputs.ts';
import { painter } from './terminal.ts';
import type { TestFormat } from './test-command.ts';
import { testLines, testSummary } from './test-lines.ts';
import { jsonTests, junitTests } from './test-reports.ts';

const EXIT_FAILED = 1;
const EXIT_UNREADABLE = 2;

export interface TestOptions {
  readonly filter: RegExp | undefined;
  readonly record: boolean;
  readonly coverage: boolean;
  readonly bail: boolean;
  readonly format: TestFormat;
}

/** What came of a file. */
export interface FileResult {
  readonly file: string;
  readonly text: string;
  /** Errors: its tests were not run then. */
  readonly findings: readonly Diagnostic[];
  readonly tests: readonly (TestOutcome & { readonly elapsedMs: number })[];
  /** If it is asked for: by those tests that were run. */
  readonly notCovered: readonly Edge[];
  readonly lineOf: (path: Path) => number;
}

/**
 * @param paths files, folders, or `-` for standard input; none: the folder it runs in
 * @returns 0; 1 when a test fails or a file has errors; 2 when a path cannot be opened or there is no test
 * @throws RoundaboutError `bad-usage` when what was recorded cannot be written
 */
export async function testFiles(
  paths: readonly string[],
  options: TestOptions,
  streams: Streams,
): Promise<number> {
  if (options.record && paths.includes('-')) {
    throw new RoundaboutError('bad-usage', 'what comes cannot be written into standard input');
  }
  const began = performance.now();
  const found = await findInputs(paths.length === 0 ? ['.'] : paths, false, streams.input);
  const results: FileResult[] = [];
  for (const input of found.inputs) {
    const result = await testFile(input, options);
    results.push(result);
    if (options.bail && failed(result)) break;
  }
  const elapsedMs = performance.now() - began;
  if (options.format === 'json') streams.out.write(jsonTests(results));
  else if (options.format === 'junit') streams.out.write(junitTests(results));
  else {
    const look = painter(streams.out);
    streams.out.write(results.map((result) => testLines(result, look)).join(''));
    streams.out.write(testSummary(results, elapsedMs));
  }
  const broken = results.some(failed);
  const count = results.reduce((sum, { tests }) => sum + tests.length, 0);
  if (count === 0 && !broken && found.problems.length === 0) {
    const which =
      options.filter === undefined ? 'no test' : `no test that matches ${options.filter}`;
    streams.err.write(`error bad-usage  there is ${which} in ${paths.join(', ')}\n`);
    return EXIT_UNREADABLE;
  }
  for (const problem of found.problems) streams.err.write(`error file-unreadable  ${problem}\n`);
  if (found.problems.length > 0) return EXIT_UNREADABLE;
  return broken ? EXIT_FAILED : 0;
}

function failed({ findings, tests }: FileResult): boolean {
  return findings.length > 0 || tests.some(({ failures }) => failures.length > 0);
}

async function testFile(input: Input, options: TestOptions): Promise<FileResult> {
  const { name: file, bytes } = input;
  const validation = validateText(bytes, file, { tables: judgeTables(dirname(file)) });
  const findings = validation.findings.filter(({ severity }) => severity === 'error');
  const tests = await runTests(input, validation, options);
  const { text, lineOf, plan } = validation;
  const carried = new Set(tests.flatMap((test) => [...test.carried]));
  const edges = options.coverage && plan !== undefined ? notCovered(plan, carried) : [];
  const recorded = tests.flatMap((test) => (test.failures.length > 0 ? [] : test.recorded));
  if (recorded.length > 0) writeFilled(file, text, fillIn(text, recorded));
  return { file, text, findings, tests, notCovered: edges, lineOf };
}

async function runTests(
  { name: file }: Input,
  { topology, tests }: Validation,
  { filter, record, bail }: TestOptions,
): Promise<FileResult['tests']> {
  if (topology === undefined) return [];
  const base = dirname(file);
  const read = (path: string): Uint8Array => readBytes(resolve(base, path));
  const done: FileResult['tests'][number][] = [];
  for (const test of tests) {
    if (filter !== undefined && !filter.test(test.name)) continue;
    const began = performance.now();
    const outcome = await runTest(test, { topology, read, record });
    done.push({ ...outcome, elapsedMs: performance.now() - began });
    if (bail && outcome.failures.length > 0) break;
  }
  return done;
}

/** @throws RoundaboutError when it has been edited meanwhile: an author's work is never overwritten */
function writeFilled(file: string, before: string, filled: string): void {
  const now = readFileSync(file, 'utf8');
  const mark = now.startsWith('\ufeff') ? '\ufeff' : '';
  if (now.slice(mark.length) !== before) {
    throw new RoundaboutError(
      'bad-usage',
      `${file} was edited while its tests ran; nothing is written`,
    );
  }
  writeFileSync(file, mark + filled);
}
