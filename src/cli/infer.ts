/** The work of `roundabout infer`: the head of a file, and what its lines look like. */
import { closeSync, openSync, readSync } from 'node:fs';
import { inferCsv } from '../codecs/infer-csv.ts';
import { inferFields } from '../codecs/infer-fields.ts';
import { counted } from '../diagnostics/words.ts';
import { RoundaboutError } from '../stream/error.ts';
import { inferredText, noRecords } from '../topology/inferred-text.ts';
import type { Streams } from './command.ts';

/** Of a file so much is read: a guess gets no better by more, and a person waits. */
const SAMPLE_BYTES = 16 * 1024 * 1024;
/** What is no JSON by its name. */
const CSV_FILE = /\.(csv|tsv)$/i;
const EXIT_NOTHING = 1;
const LF = 0x0a;

/**
 * @returns 0; 1 when no field can be made of what is there
 * @throws RoundaboutError `file-unreadable`, `bad-usage` when the columns of CSV have no names
 */
export function infer(file: string, { out, err }: Streams): number {
  const head = headOf(file);
  const inferred = CSV_FILE.test(file) ? inferCsv(head) : inferFields(head);
  if (inferred.fields.length === 0) {
    const { records, bad } = inferred;
    err.write(`${file}: no field in ${counted(records, 'record')} and ${noRecords(bad)}\n`);
    return EXIT_NOTHING;
  }
  out.write(inferredText(inferred));
  return 0;
}

/** Whole lines: the last one counts without its end if the file ends with it. */
function headOf(file: string): Uint8Array {
  try {
    const handle = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(SAMPLE_BYTES + 1);
      let size = 0;
      for (let read = -1; read !== 0 && size < SAMPLE_BYTES; size += read) {
        read = readSync(handle, bytes, size, SAMPLE_BYTES - size, null);
      }
      if (size === SAMPLE_BYTES) return bytes.subarray(0, bytes.lastIndexOf(LF, size - 1) + 1);
      bytes[size] = LF;
      return bytes.subarray(0, size + 1);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new RoundaboutError('file-unreadable', `${file}: ${why}`, { cause: error });
  }
}
