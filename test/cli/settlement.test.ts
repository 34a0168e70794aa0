/**
 * The flow that the language was made for: a file from HDFS, a table from HBase, and a biller who comes a day later.
 * What of it can't run yet is named at its field and nothing else is; it is read aloud and drawn as a whole.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { explain } from '../../src/cli/explain.ts';
import { graph } from '../../src/cli/graph.ts';
import { validateFile, validateText } from '../../src/rules/validate.ts';
import { runTest } from '../../src/testing/run-test.ts';
import { root } from '../tools/product.ts';
import { capture } from '../tools/streams.ts';

const file = join(root, 'test/cli/settlement.yaml');

describe('the settlement of orders', () => {
  test('has nothing wrong but what is to come, each at its field', () => {
    const { findings, topology, outline } = validateFile(file);
    expect(findings.map(({ rule, at }) => `${rule}:${at.line}:${at.column}`)).toEqual([
      'not-yet-supported:6:11', // uses: webhdfs
      'not-yet-supported:16:11', // uses: hbase
      'not-yet-supported:50:17', // batch
    ]);
    expect(topology).toBeUndefined();
    expect(outline?.plan.stages.map(({ name }) => name)).toEqual(['settled', 'revenue']);
  });

  test('is read aloud, element by element', () => {
    const { streams, printed } = capture();
    expect(explain(file, undefined, { format: 'human' }, streams)).toBe(0);
    for (const words of [
      'Is built in: webhdfs.',
      'Begins a run when 500 records wait for it, or one has waited for 6h, and leaves by itself.',
      'Every line is one record in cells (CSV); the first line of each connection names its columns.',
      'When its program ends well, the windows that it fed are closed.',
      'Late records leave on late_payments and nowhere else.',
      'Keeps a record of orders until payments has come 2d past it, and one of payments until orders has come 5m past it.',
      'At worst 2 windows of 15m are open at a time',
      'After 14d it expires, unless a receiver has it in hand.',
      'Of messages with the same region only the newest is kept',
      'When invoices holds 4 GiB, orders and payments are not read',
    ]) {
      expect(printed.out).toContain(words);
    }
    expect(printed.out).not.toMatch(/undefined|NaN|\[object/);
  });

  test('is drawn from the vehicles that feed it to the one that comes for it', () => {
    const { streams, printed } = capture();
    expect(graph(file, { format: 'json', theme: 'auto' }, streams)).toBe(0);
    const arrows = printed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === 'edge')
      .map(({ from, to, stream }) => `${from} > ${to} ${stream}`.trim());
    expect(arrows.sort()).toEqual([
      'exit:invoices > receiver:biller',
      'exit:late_payments > receiver:biller',
      'exit:unpaid > receiver:biller',
      'feeder:orders > lane:orders',
      'feeder:payments > lane:payments',
      'lane:orders > operator:settled',
      'lane:payments > exit:late_payments late_payments',
      'lane:payments > operator:settled',
      'operator:revenue > exit:revenue_now',
      'operator:settled > exit:invoices',
      'operator:settled > exit:unpaid unpaid',
      'operator:settled > operator:revenue',
    ]);
  });

  test('passes its own tests where vehicles elsewhere stand in for those that are to come', async () => {
    const text = readFileSync(file, 'utf8')
      .replaceAll(/^ {4}(uses|with|schedule): .*\n/gm, '')
      .replaceAll(
        /^( {6}(?:orders|payments):)\n/gm,
        '$1\n        listen: 0\n        at_end: finish\n',
      )
      .replace('batch: { records: 100, after: 50ms }, ', '');
    const { topology, tests, findings } = validateText(text, 'settlement.yaml');
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    if (topology === undefined) throw new Error('it has no topology');
    const read = (path: string): never => {
      throw new Error(`no file ${path} is named`);
    };
    expect(tests).toHaveLength(2);
    for (const one of tests) {
      const { failures } = await runTest(one, { topology, read, record: false });
      expect(failures).toEqual([]);
    }
  });
});
