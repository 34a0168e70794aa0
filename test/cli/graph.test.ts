/** `graph`: the elements of a flow and their arrows, in every form. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { explain } from '../../src/cli/explain.ts';
import { type GraphOptions, graph } from '../../src/cli/graph.ts';
import { rules } from '../../src/rules/index.ts';
import { validateFile } from '../../src/rules/validate.ts';
import { root } from '../tools/product.ts';
import { capture } from '../tools/streams.ts';

const SHOP = `version: 1
name: end
vehicles:
  shop: { lanes: { orders: { listen: 0, fields: { id: long, note: string }, event_time: arrival } } }
operators:
  sorted: { type: route, from: orders, routes: { odd: "note = '\\"<b>&'" } }
exits:
  odd: { from: sorted.odd, for: shop }
  all: { from: orders, address: everything }
`;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-graph-'));
  file = join(folder, 'flow.yaml');
  writeFileSync(file, SHOP);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function drawn(format: GraphOptions['format'], path = file): string {
  const { streams, printed } = capture();
  expect(graph(path, { format, theme: 'auto' }, streams)).toBe(0);
  return printed.out;
}

describe('graph', () => {
  test('json names every element and arrow; a vehicle that feeds and receives stands at both ends', () => {
    const lines = drawn('json')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ roundabout: 1, kind: 'graph', name: 'end' });
    const ids = lines.filter(({ kind }) => kind === 'node').map(({ id }) => id);
    expect(ids.sort()).toEqual([
      'exit:all',
      'exit:odd',
      'feeder:shop',
      'lane:orders',
      'operator:sorted',
      'receiver:shop',
    ]);
    const edges = lines
      .filter(({ kind }) => kind === 'edge')
      .map(({ from, to, stream }) => `${from} > ${to} ${stream}`.trim());
    expect(edges.sort()).toEqual([
      'exit:odd > receiver:shop',
      'feeder:shop > lane:orders',
      'lane:orders > exit:all',
      'lane:orders > operator:sorted',
      'operator:sorted > exit:odd sorted.odd',
    ]);
  });

  test('mermaid: nodes are numbered, since a name may be a word of its own, and texts are quoted', () => {
    const text = drawn('mermaid');
    expect(text.startsWith('flowchart LR\n')).toBe(true);
    const lines = text.trim().split('\n').slice(1);
    const node = /^ {2}n\d+(\(\[|>|\[|\[\()"[^"]*"(\]\)|\]|\)\])$/;
    const arrow = /^ {2}n\d+ -->(\|"[^"]*"\|)? n\d+$/;
    expect(lines.filter((line) => !node.test(line) && !arrow.test(line))).toEqual([]);
    expect(text).toContain('-->|"sorted.odd"|');
  });

  test('dot: every text is one quoted string', () => {
    const lines = drawn('dot').trim().split('\n');
    const string = '"(?:[^"\\\\]|\\\\.)*"';
    const shapes = [
      `^digraph ${string} \\{$`,
      '^ {2}rankdir=LR;$',
      `^ {2}${string} \\[shape=\\w+, label=${string}\\];$`,
      `^ {2}${string} -> ${string}( \\[label=${string}\\])?;$`,
      '^\\}$',
    ].map((shape) => new RegExp(shape));
    expect(lines.filter((line) => !shapes.some((shape) => shape.test(line)))).toEqual([]);
  });

  test('svg is written to a file, and the committed picture is the one of the quickstart', () => {
    const { streams } = capture();
    const output = join(folder, 'flow.svg');
    expect(graph(file, { format: 'svg', theme: 'dark', output }, streams)).toBe(0);
    expect(readFileSync(output, 'utf8')).toContain('everything');
    const nowhere = join(folder, 'none', 'flow.svg');
    expect(() => graph(file, { format: 'svg', theme: 'dark', output: nowhere }, streams)).toThrow(
      expect.objectContaining({ slug: 'bad-usage' }),
    );
    const picture = readFileSync(join(root, 'docs/quickstart.svg'), 'utf8');
    expect(drawn('svg', join(root, 'pipelines/quickstart.yaml'))).toBe(picture);
  });

  test('the order of elements in the file does not change the drawing', () => {
    const other = join(folder, 'other.yaml');
    const [head, exits] = SHOP.split('exits:\n');
    writeFileSync(other, `${head}exits:\n${exits.trimEnd().split('\n').reverse().join('\n')}\n`);
    expect(drawn('svg', other)).toBe(drawn('svg'));
  });

  test('every flow that the rules show as right can be drawn and read aloud', () => {
    const path = join(folder, 'right.yaml');
    let shown = 0;
    for (const { right } of rules) {
      writeFileSync(path, right);
      if (validateFile(path).topology === undefined) continue;
      const { streams, printed } = capture();
      expect(explain(path, undefined, { format: 'human' }, streams)).toBe(0);
      expect(`${printed.out}${drawn('svg', path)}`).not.toMatch(/undefined|NaN|\[object/);
      shown++;
    }
    expect(shown).toBeGreaterThan(20);
  });

  test('a flow is drawn and read aloud though something in it can not run yet, and says so', () => {
    const path = join(folder, 'coming.yaml');
    const coming = SHOP.replace('shop: {', 'shop: { uses: webhdfs, with: { user: etl },')
      .replace('address: everything', 'address: everything, broker: central')
      .replace('vehicles:', 'amqp: { brokers: { central: { url: "amqp://mq:5672" } } }\nvehicles:');
    writeFileSync(path, coming);
    const { streams, printed } = capture();
    expect(graph(path, { format: 'svg', theme: 'auto' }, streams)).toBe(0);
    expect(printed.err).toBe(
      `${path}: 3 things in it can't run yet, as roundabout validate tells\n`,
    );
    for (const words of ['built in: webhdfs', 'leaves by central']) {
      expect(printed.out).toContain(words);
    }
    expect(explain(path, 'all', { format: 'human' }, streams)).toBe(0);
    expect(printed.out).toContain('at the AMQP address everything of broker central');
    writeFileSync(path, coming.replace('from: orders, routes', 'from: order, routes'));
    expect(graph(path, { format: 'svg', theme: 'auto' }, streams)).toBe(1);
  });

  test('a broken file is told with its findings', () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, SHOP.replace('from: sorted.odd', 'from: sorted.ood'));
    const { streams, printed } = capture();
    expect(graph(broken, { format: 'svg', theme: 'auto' }, streams)).toBe(1);
    expect(printed.out).toBe('');
    expect(printed.err).toContain('dangling-reference');
  });
});
