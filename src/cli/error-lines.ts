/** What stopped a command, as it is printed. */
import { printable } from '../diagnostics/cells.ts';
import type { RoundaboutError } from '../stream/error.ts';

/** A message may quote what a peer sent. */
export function errorLines({ slug, message, hint }: RoundaboutError): string {
  const help = hint === undefined ? '' : `  help: ${hint}\n`;
  const lines = message.split('\n').map(printable);
  return `error ${slug}  ${lines.join('\n')}\n${help}`;
}
