/** Streams of a command that keep what is printed. */
import { Readable, Writable } from 'node:stream';
import type { Streams } from '../../src/cli/command.ts';

export function capture(input = ''): {
  readonly streams: Streams;
  readonly printed: { out: string; err: string };
} {
  const printed = { out: '', err: '' };
  const into = (stream: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _, done) {
        printed[stream] += String(chunk);
        done();
      },
    });
  return {
    printed,
    streams: { out: into('out'), err: into('err'), input: Readable.from([input]) },
  };
}
