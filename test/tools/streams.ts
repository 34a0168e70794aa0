/** Streams of a command in memory. */
import { Readable, Writable } from 'node:stream';
import type { Streams } from '../../src/cli/command.ts';

export interface Printed extends Streams {
  readonly printed: { out: string; err: string };
}

export function memoryStreams(input = ''): Printed {
  const printed = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _, done) {
        printed[name] += String(chunk);
        done();
      },
    });
  return { printed, out: into('out'), err: into('err'), input: Readable.from([input]) };
}

/** The same, as what a command takes and what it has printed. */
export function capture(input = ''): {
  readonly streams: Streams;
  readonly printed: { out: string; err: string };
} {
  const streams = memoryStreams(input);
  return { streams, printed: streams.printed };
}
