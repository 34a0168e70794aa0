/** A file that a command can only work with when it is valid: its model and plan, or its errors on `err`. */
import { humanFindings } from '../diagnostics/human.ts';
import { validateFile } from '../rules/validate.ts';
import type { Plan } from '../topology/plan.ts';
import type { Topology } from '../topology/topology.ts';
import type { Streams } from './command.ts';
import { painter } from './terminal.ts';

/**
 * @returns undefined when it has errors
 * @throws RoundaboutError `file-unreadable`
 */
export function readValid(
  file: string,
  { err }: Streams,
): { readonly topology: Topology; readonly plan: Plan; readonly text: string } | undefined {
  const { topology, plan, findings, text } = validateFile(file);
  if (topology !== undefined && plan !== undefined) return { topology, plan, text };
  const errors = findings.filter(({ severity }) => severity === 'error');
  err.write(humanFindings(errors, new Map([[file, text]]), painter(err)));
  return undefined;
}
