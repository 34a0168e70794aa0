/** Puts a new text in the place of a file, whole or not at all, under the same name and mode. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';

const MARK = Buffer.from('\ufeff');

/** @param before what the file held: a byte order mark at its start stays */
export function rewrite(file: string, before: Uint8Array, text: string): void {
  const target = realpathSync(file);
  const marked = MARK.equals(before.subarray(0, MARK.length));
  const bytes = Buffer.concat([marked ? MARK : Buffer.alloc(0), Buffer.from(text)]);
  const aside = `${target}.${process.pid}.tmp`;
  try {
    const opened = openSync(aside, 'wx');
    try {
      writeFileSync(opened, bytes);
      fchmodSync(opened, statSync(target).mode);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
