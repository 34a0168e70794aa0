/**
 * From bytes to text: the size limit, UTF-8, and the characters that no topology needs. A byte order mark
 * at the very start is left out; what follows counts its columns without it.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import type { Validated } from '../diagnostics/diagnostic.ts';
import { remarkToDiagnostic } from './remark.ts';
import { SourceText } from './source-text.ts';
import { TEXT_BYTES_MAX } from './yaml-limits.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export function decodeText(text: string | Uint8Array, file: string): Validated<string> {
  const size = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  if (size > TEXT_BYTES_MAX) {
    return refused(file, '', 'document-too-large', 0, {
      message: `the file is ${Math.ceil(size / 1024)} KiB, the limit is ${TEXT_BYTES_MAX / 1024} KiB`,
      hint: 'keep data out of the topology, or split it into several',
    });
  }
  if (typeof text !== 'string' && !isUtf8(text)) return notUtf8(text, file);
  const whole = typeof text === 'string' ? text : new TextDecoder().decode(text);
  const content = whole.startsWith('\ufeff') ? whole.slice(1) : whole;
  const control = CONTROL.exec(content);
  if (control !== null) {
    const code = content.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, '0');
    return refused(file, content, 'not-text', control.index, {
      message: `the control character U+${code} is no text`,
      hint: 'remove it; inside double quotes it can be written as an escape',
    });
  }
  if (content.trim() === '') {
    return refused(file, content, 'empty-file', 0, { message: 'the file is empty' });
  }
  return { ok: true, value: content, findings: [] };
}

/** Line ends are never part of a longer UTF-8 sequence, so the lines before the bad one stay readable. */
function notUtf8(bytes: Uint8Array, file: string): Validated<string> {
  let start = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    if (!isUtf8(bytes.subarray(start, end))) {
      const before = new TextDecoder().decode(bytes.subarray(0, start));
      const line = new TextDecoder().decode(bytes.subarray(start, end));
      const at = before.length + Math.max(0, line.indexOf('\ufffd'));
      return refused(file, before + line, 'not-text', at, {
        message: 'this is not UTF-8 text',
        hint: 'save the file as UTF-8',
      });
    }
    start = end;
  }
}

function refused(
  file: string,
  text: string,
  rule: string,
  at: number,
  words: { message: string; hint?: string },
): Validated<string> {
  const remark = { rule, start: at, end: Math.min(at + 1, text.length), ...words };
  return { ok: false, findings: [remarkToDiagnostic(remark, new SourceText(file, text))] };
}
