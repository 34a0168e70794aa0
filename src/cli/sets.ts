/** `--set params.limit=5`: other values for parameters of the file, for this process. */
import { Option } from 'commander';
import { RoundaboutError } from '../stream/error.ts';

/** The option; it may be given several times. */
export function setOption(): Option {
  return new Option('--set <params.name=value>', 'another value for a parameter of the file')
    .argParser((value: string, before: string[]) => [...before, value])
    .default([]);
}

/** @throws RoundaboutError `bad-usage` */
export function readSets(written: readonly string[]): ReadonlyMap<string, string> {
  const sets = new Map<string, string>();
  for (const one of written) {
    const match = /^params\.([^=]+)=([\s\S]*)$/.exec(one);
    if (match === null) {
      throw new RoundaboutError('bad-usage', `--set ${one} names no parameter and its value`, {
        hint: 'write --set params.limit=100',
      });
    }
    sets.set(match[1], match[2]);
  }
  return sets;
}
