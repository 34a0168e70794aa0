/**
 * A file that a command reads without running it: its model and plan, or its errors on `err`. What can't run yet
 * does not keep a file from being read; it is counted there.
 */
import { humanFindings } from '../diagnostics/human.ts';
import { type Outline, validateFile } from '../rules/validate.ts';
import type { Streams } from './command.ts';
import { painter } from './terminal.ts';

/**
 * @returns undefined when it has other errors
 * @throws RoundaboutError `file-unreadable`
 */
export function readValid(
  file: string,
  { err }: Streams,
): (Outline & { readonly text: string }) | undefined {
  const { outline, findings, text } = validateFile(file);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (outline === undefined) {
    err.write(humanFindings(errors, new Map([[file, text]]), painter(err)));
    return undefined;
  }
  if (errors.length > 0) {
    const what = errors.length === 1 ? 'one thing' : `${errors.length} things`;
    err.write(`${file}: ${what} in it can't run yet, as roundabout validate tells\n`);
  }
  return { ...outline, text };
}
