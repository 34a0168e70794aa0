/**
 * References to the world outside the file: `${env:NAME}`, `${env:NAME:-default}`, `${file:path}`. They are
 * recognised where the language will allow them, and refused there until they are resolved; everywhere else
 * `${` is plain text or the business of that field.
 */
import type { Finding, Path } from '../diagnostics/report.ts';
import { pathsTo } from './paths-to.ts';
import type { Value } from './value.ts';

const PLACES: readonly Path[] = [
  ['amqp', 'listen'],
  ['state', 'dir'],
  ['vehicles', '*', 'command', '*'],
  ['vehicles', '*', 'cwd'],
  ['vehicles', '*', 'env', '*'],
  ['vehicles', '*', 'lanes', '*', 'listen'],
  ['vehicles', '*', 'lanes', '*', 'connect'],
  ['exits', '*', 'address'],
  ['dead_letter', 'address'],
];

const REFERENCE = /^\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?|file:[^}]+)\}/;

export function interpolationFindings(data: Value): readonly Finding[] {
  const findings: Finding[] = [];
  for (const place of PLACES) {
    for (const { path, value } of pathsTo(data, place)) {
      if (typeof value !== 'string') continue;
      const start = value.indexOf('${');
      if (start === -1) continue;
      const reference = REFERENCE.exec(value.slice(start))?.[0];
      const end = reference === undefined ? value.length : start + reference.length;
      const span = [start, end] as const;
      findings.push(
        reference === undefined
          ? {
              rule: 'bad-interpolation',
              path,
              span,
              message: `"${value.slice(start)}" is no reference`,
              hint: referenceHint(value.slice(start)),
            }
          : {
              rule: 'not-yet-supported',
              path,
              span,
              message: 'values from the environment or from files are not supported yet',
            },
      );
    }
  }
  return findings;
}

/** The shell's form has only a name. */
function referenceHint(written: string): string {
  const [, name] = /^\$\{([A-Za-z_]\w*)\}/.exec(written) ?? [];
  return name === undefined
    ? 'write $' + '{env:NAME} or $' + '{file:path}'
    : `write $\{env:${name}}`;
}
