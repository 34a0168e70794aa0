/** `config --effective`: nothing changes by writing out what holds anyway, and secrets stay unseen. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { rules } from '../../src/rules/index.ts';
import { validateText } from '../../src/rules/validate.ts';
import { effectiveText } from '../../src/topology/effective.ts';
import { flowStreams } from '../../src/topology/flow-streams.ts';
import { root } from '../tools/product.ts';

const SHIPPED = ['quickstart', 'word-count', 'word-count-numbered'].map((name) =>
  readFileSync(join(root, `pipelines/${name}.yaml`), 'utf8'),
);
const MENDED = rules.map(({ right }) => right);
const CODECS = [
  'csv: { delimiter: ";" } }, fields: { id: long }',
  'csv: { header: false, columns: [id] } }, fields: { id: long }',
  'text: { field: message } }',
].map(
  (codec) =>
    `version: 1\nname: codecs\nvehicles:\n  v:\n    lanes:\n      l: { listen: 0, codec: { ${codec} }\nexits:\n  e: { from: l, for: v }\n`,
);
/** One of each operator, and of each form of window and join. */
const SHOWN = [
  ...readdirSync(join(root, 'src/operators'))
    .filter((name) => name.endsWith('.example.yaml'))
    .map((name) => readFileSync(join(root, 'src/operators', name), 'utf8')),
  ...Array.from(
    readFileSync(join(root, 'docs/language.md'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g),
    ([, block]) => String(block),
  ),
];

describe('config --effective', () => {
  test('the text with every default is the same topology', () => {
    let compared = 0;
    for (const text of [...SHIPPED, ...MENDED, ...CODECS, ...SHOWN]) {
      const before = validateText(text, 'before.yaml');
      if (before.topology === undefined || before.plan === undefined) continue;
      const filled = effectiveText(text, true);
      const after = validateText(filled, 'after.yaml');
      expect(after.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      const { lanes, exits, vehicles, amqp, deadLetter } = before.topology;
      expect(after.topology).toMatchObject({ lanes, exits, vehicles, amqp, deadLetter });
      expect(after.plan && flowStreams(after.plan)).toEqual(flowStreams(before.plan));
      expect(after.plan?.lanes).toEqual(before.plan.lanes);
      compared++;
    }
    expect(compared).toBeGreaterThan(20 + CODECS.length + SHOWN.length / 2);
  });

  test('comments and order stay, and what was filled in is marked', () => {
    const filled = effectiveText(SHIPPED[0], true);
    expect(filled).toContain('# Which airports had a bad week?');
    expect(filled).toContain('max_connections: 64 # default');
    expect(filled).toContain('address: bad_weeks # default');
    expect(filled).toContain('dir: .roundabout/quickstart # default');
    expect(filled.indexOf('vehicles:')).toBeLessThan(filled.indexOf('operators:'));
  });

  test('literals in the place of expressions keep their form', () => {
    const text = MENDED.find((one) => one.includes('operators:')) ?? '';
    const doubled = `${text}\n`.replace(
      'exits:',
      '  more: { type: select, from: orders, fields: { x: 1.0, y: 1e3 } }\nexits:',
    );
    expect(effectiveText(doubled, true)).toMatch(/x: 1\.0[\s\S]*y: 1e\+?3/);
  });

  test('a secret is never printed; where one comes from may be', () => {
    const text =
      'version: 1\nname: s\nhttp: { token: t0ps3cret }\nvehicles:\n  a: { secret: hunter2, command: [x] }\n' +
      `  b: { secret: "\${env:B_SECRET}", command: [y] }\namqp:\n  brokers: { c: { url: "amqp://c:1", password: pa55 } }\n`;
    const aliased =
      'version: 1\nname: s\nx_own: &own h1dden\nvehicles:\n  a: &a { secret: *own, command: [x] }\n  b: *a\n' +
      `  c: { secret: "\${env:C:-fallb4ck}", command: [z] }\n`;
    expect(effectiveText(aliased, true)).not.toMatch(/h1dden|fallb4ck/);
    for (const withDefaults of [false, true]) {
      const shown = effectiveText(text, withDefaults);
      expect(shown).not.toMatch(/t0ps3cret|hunter2|pa55/);
      expect(shown.match(/\*\*\*/g)).toHaveLength(3);
      expect(shown).toMatch(/\$\{env:B_SECRET\}/);
    }
  });
});
