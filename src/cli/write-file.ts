/** Writes a file that a person named; that it can't be written is theirs to know, not a defect. */
import { writeFileSync } from 'node:fs';
import { RoundaboutError } from '../stream/error.ts';

/** @throws RoundaboutError `bad-usage` */
export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RoundaboutError('bad-usage', `${path} cannot be written (${code})`, { cause: error });
  }
}
