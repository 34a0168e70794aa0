/**
 * Mends what has a safe fix, again and again until nothing is left that has one: what a quote hid is found
 * once the quote is there. Mending what has been mended changes nothing.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { applyFixes } from '../diagnostics/edits.ts';
import { type Reading, type Validation, validateText } from './validate.ts';

/** A fix uncovers few others; a text that needs more rounds is not mended but chased. */
const ROUNDS_MAX = 8;

export interface Mended {
  readonly validation: Validation;
  /** What was mended, at the places before. */
  readonly applied: readonly Diagnostic[];
}

/** @param text as `validateText` takes it */
export function mend(text: string | Uint8Array, file: string, reading: Reading): Mended {
  let validation = validateText(text, file, reading);
  const applied: Diagnostic[] = [];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const fixed = applyFixes(validation.text, validation.findings);
    if (fixed.applied.length === 0) break;
    const next = validateText(fixed.text, file, reading);
    if (isUnreadable(next) && !isUnreadable(validation)) break;
    applied.push(...fixed.applied);
    validation = next;
  }
  return { validation, applied };
}

function isUnreadable({ findings }: Validation): boolean {
  return findings.some(({ rule }) => rule === 'yaml-syntax');
}
