/** How output looks here: colours when someone looks at them, plain signs where the locale is plain. */
import picocolors from 'picocolors';
import type { Look } from '../diagnostics/look.ts';
import type { Streams } from './command.ts';

/** Colour: `NO_COLOR`, then `FORCE_COLOR`, then whether a person's terminal is there. */
export function wantsColor(stream: NodeJS.WritableStream, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return isTerminal(stream) && env['TERM'] !== 'dumb' && !env['CI'];
}

export function isTerminal(stream: NodeJS.WritableStream): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Whether signs beyond ASCII can be shown. */
export function isUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  // Without any locale a pipe or a container is assumed to take UTF-8, as most do.
  return locale === '' || /utf-?8/i.test(locale);
}

export interface Signs {
  readonly good: string;
  readonly warning: string;
}

export function signs(env: NodeJS.ProcessEnv): Signs {
  return isUnicode(env) ? { good: '✓', warning: '!' } : { good: 'ok', warning: '!' };
}

/** How findings look on a stream of this process. */
export function painter(stream: NodeJS.WritableStream): Look {
  const colors = picocolors.createColors(wantsColor(stream, process.env));
  const { red, yellow, cyan, bold, dim } = colors;
  return {
    paint: { error: red, warning: yellow, info: cyan, strong: bold, dim },
    unicode: isUnicode(process.env),
  };
}

export const standardStreams: Streams = {
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
};
