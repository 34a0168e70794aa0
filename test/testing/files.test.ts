/** Every topology that is shipped or shown carries tests: they pass, and they reach every part of it. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { operators } from '../../src/operators/index.ts';
import { readBytes, validateFile } from '../../src/rules/validate.ts';
import { notCovered } from '../../src/testing/coverage.ts';
import { runTest } from '../../src/testing/run-test.ts';
import { root } from '../tools/product.ts';

const examples = operators.map(({ type }) => `src/operators/${type}.example.yaml`);
const pipelines = readdirSync(join(root, 'pipelines'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `pipelines/${name}`);

test('every operator has an example', () => {
  expect(examples.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

describe.each([...pipelines, ...examples])('%s', (name) => {
  const file = join(root, name);
  const { topology, plan, tests, findings } = validateFile(file);

  test('has nothing wrong with it', () => {
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
  });

  test('passes its tests, which leave no edge out', async () => {
    if (topology === undefined || plan === undefined) throw new Error('it is not valid');
    const read = (path: string): Uint8Array => readBytes(resolve(dirname(file), path));
    const carried = new Set<string>();
    for (const one of tests) {
      const { failures, carried: streams } = await runTest(one, { topology, read, record: false });
      expect([one.name, failures]).toEqual([one.name, []]);
      for (const stream of streams) carried.add(stream);
    }
    expect(notCovered(plan, carried)).toEqual([]);
  });
});
