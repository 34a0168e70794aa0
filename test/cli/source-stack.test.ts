/** Stack traces of a defect, against what was built. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { sourceStack } from '../../src/cli/source-stack.ts';

const BUILT = fileURLToPath(new URL('../../build/cli/', import.meta.url));
const WORDS = fileURLToPath(new URL('../../src/diagnostics/words.ts', import.meta.url));

/** Where `text` stands in a file, from 1. */
function placeIn(file: string, text: string): { line: number; column: number } | undefined {
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  return index < 0 ? undefined : { line: index + 1, column: lines[index].indexOf(text) + 1 };
}

test('a place in a built file is told as the line of the source it was built from', () => {
  const found = readdirSync(BUILT)
    .filter((name) => name.endsWith('.js'))
    .map((name) => ({ file: `${BUILT}${name}`, at: placeIn(`${BUILT}${name}`, 'replace(/\\B(?=') }))
    .find(({ at }) => at !== undefined);
  if (found?.at === undefined) throw new Error('no built file has the function');
  const { line, column } = found.at;
  const source = placeIn(WORDS, 'replace(/\\B(?=');
  const stack = `Error: x\n    at count (${pathToFileURL(found.file)}:${line}:${column})`;
  expect(sourceStack(stack)).toBe(
    `Error: x\n    at count (${WORDS}:${source?.line}:${source?.column})`,
  );
});

test('a place without a map stays as it is', () => {
  for (const stack of [
    'Error: x\n    at a (file:///nowhere/at-all.js:3:7)\n    at node:internal/x:1:2',
    'Error without a place',
    `Error: x\n    at a (${import.meta.url.replace(/\.ts$/, '.js')}:1:1)`,
  ]) {
    expect(sourceStack(stack)).toBe(stack);
  }
});
