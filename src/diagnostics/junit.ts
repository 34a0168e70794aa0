/**
 * Findings as a JUnit report, which every CI server can show: a suite for each file, a failed case for each
 * finding that makes the check fail, and the others as what the suite printed. Valid under the schema of
 * Ant's reports, the strictest there is, and so under the looser ones.
 */
import { printable } from './cells.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type Judged, relativeName } from './judged.ts';
import { inOrder } from './order.ts';

export function writeJunit(judged: Judged): string {
  const suites = [...judged.texts.keys()].map((file, id) => suite(judged, file, id));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function suite(
  { findings, failing, base, startedAt, version }: Judged,
  file: string,
  id: number,
): string {
  const name = attribute(relativeName(file, base));
  const own = inOrder(findings).filter(({ at }) => at.file === file);
  const failed = own.filter(({ severity }) => failing.has(severity));
  const others = own.filter(({ severity }) => !failing.has(severity));
  const cases =
    failed.length === 0
      ? [`    <testcase classname="${name}" name="is valid" time="0"/>\n`]
      : failed.map((finding) => failedCase(finding, name));
  const counts = `tests="${cases.length}" failures="${failed.length}" errors="0"`;
  return [
    `  <testsuite id="${id}" name="${name}" package="roundabout" hostname="localhost"`,
    ` timestamp="${startedAt}" time="0" ${counts}>\n`,
    `    <properties><property name="roundabout" value="${attribute(version)}"/></properties>\n`,
    ...cases,
    `    <system-out>${text(others.map(sentence).join('\n'))}</system-out>\n`,
    '    <system-err/>\n',
    '  </testsuite>\n',
  ].join('');
}

function failedCase(finding: Diagnostic, name: string): string {
  const { rule, at, message } = finding;
  const title = attribute(`${rule} ${at.line}:${at.column}`);
  const failure = `<failure type="${rule}" message="${attribute(message)}">${text(sentence(finding))}</failure>`;
  return `    <testcase classname="${name}" name="${title}" time="0">\n      ${failure}\n    </testcase>\n`;
}

function sentence({ rule, severity, at, message, hint }: Diagnostic): string {
  const help = hint === undefined ? '' : ` (${printable(hint)})`;
  return `${at.line}:${at.column}: ${severity}: ${printable(message)}${help} [${rule}]`;
}

function text(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function attribute(plain: string): string {
  return text(printable(plain)).replaceAll('"', '&quot;');
}
