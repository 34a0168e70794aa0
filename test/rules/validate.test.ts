/** From any text to findings or a flow, and to nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { rules } from '../../src/rules/index.ts';
import { validateFile, validateText } from '../../src/rules/validate.ts';
import { share } from '../tools/campaign.ts';
import { judgeText } from '../tools/judged-text.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const pipelines = readdirSync(join(root, 'pipelines'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => join(root, 'pipelines', name));

const mistakes = readdirSync(join(root, 'test/mistakes')).map((name) =>
  readFileSync(join(root, 'test/mistakes', name), 'utf8'),
);

/** Topologies that our texts show, whole ones. */
function documented(): readonly string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)].flatMap((name) => {
    const text = readFileSync(join(root, name), 'utf8');
    return Array.from(text.matchAll(/```yaml\n([\s\S]*?)```/g), ([, block]) => String(block));
  });
}
const REFERENCE = `${'$'}{env:X}`;

const whole = `version: 1
name: whole
description: as much of the language as there is
params: { least: 1, since: { type: timestamp, value: "${'$'}{env:SINCE}", description: text } }
http: false
amqp: { listen: 7100 }
state: { dir: state, durability: memory }
dead_letter: { address: bad }
vehicles:
  shop:
    command: [node, shop.js]
    env: { LEVEL: 5, DEBUG: true, TOKEN: "${'$'}{env:TOKEN:-none}" }
    secret: "${'$'}{env:SHOP}"
    cwd: programs
    lanes:
      orders:
        fields:
          id: long
          at: { type: timestamp, source: meta.at, format: epoch_ms }
          tags: array<string>
          day: { type: timestamp, source: [day, meta.day], format: "yyyy-MM-dd" }
          big: { type: boolean, expression: id > params.least AND day >= params.since }
          where: "struct<city: string, zip: long>"
        required: [id]
        event_time: { field: at, max_delay: 5s, idle_timeout: never }
        limits: { max_line: 64KiB, max_connections: 2 }
        at_end: finish
        bad_record: skip
  words:
    lanes:
      lines: { connect: { address: "${'$'}{env:WORDS}", retry: { max: 5s } }, codec: text, fields: { n: { type: long, expression: length(line) } } }
operators:
  tags: { type: explode, from: orders, each: tags, as: tag, position: n, fields: { tag: tag, n: n, id: id } }
  firsts: { type: filter, from: tags, where: n = 0 }
  named: { type: select, from: firsts, fields: { name: upper(tag), one: 1.0 }, keep: [id] }
  counts:
    type: aggregate
    from: named
    window: { tumble: 10s }
    group_by: [name]
    fields: { n: count(*), total: sum(one), at: window_start }
    having: n > 1
exits:
  counts: { from: counts, for: [shop, words], format: json, delivery: { max_unsettled: 10 } }
  lines: { from: lines, address: some/lines, for: words, fields: { text: line, size: length(line) } }
  ids: { from: named, for: shop, fields: [id, name] }
`;

describe('validateText', () => {
  test.each([...pipelines])('%s has nothing to say against it', (file) => {
    const { findings, plan, topology } = validateFile(file);
    expect(findings).toEqual([]);
    expect(plan?.lanes.length).toBe(topology?.lanes.size);
  });

  test('reads all of the language that works', () => {
    const { findings, plan, topology } = validateText(whole, 'whole.yaml');
    expect(findings.map(({ rule }) => rule)).toEqual([
      'no-tests',
      'anonymous-access',
      'blocked-neighbour',
    ]);
    expect(topology?.name).toBe('whole');
    expect(plan?.stages.map((stage) => stage.name)).toEqual(['tags', 'firsts', 'named', 'counts']);
  });

  test('gives a topology and a plan exactly when there is no error', () => {
    const warned = validateText(
      'version: 1\nname: x\nvehicles: { v: { lanes: { l: { listen: 7001, codec: text } } } }\n',
      'x.yaml',
    );
    expect(warned.findings.map(({ rule }) => rule)).toEqual(['unused-element']);
    expect(warned.topology?.lanes.size).toBe(1);
    const refused = validateText('version: 1\nname: 5\n', 'x.yaml');
    expect(refused.topology).toBeUndefined();
    expect(refused.plan).toBeUndefined();
  });

  test('a file that cannot be opened is an error of the world', () => {
    expect(() => validateFile(join(root, 'pipelines'))).toThrow(
      expect.objectContaining({ slug: 'file-unreadable', exitCode: 2 }),
    );
    expect(() => validateFile(join(root, 'no-such-file.yaml'))).toThrow('there is no such file');
  });

  /** Whatever we have that is valid: what is shipped, what the docs show, what rules call right. */
  const all = [
    whole,
    ...pipelines.map((file) => readFileSync(file, 'utf8')),
    ...documented(),
    ...rules.map(({ right }) => right),
  ].filter((text) => validateText(text, 'x.yaml').topology !== undefined);

  test('there is much to start from, and all of it runs', () => {
    expect(all.length).toBeGreaterThan(50);
    for (const text of all) expect(judgeText(text).topology).toBeDefined();
  });

  test('lines that were removed, repeated, moved or indented otherwise are refused or run', () => {
    const texts = [...all, ...mistakes];
    const edit = fc.tuple(
      fc.nat(),
      fc.nat(),
      fc.constantFrom('remove', 'repeat', 'move', 'indent', 'unindent', 'cut', 'comment'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (text, edits) => {
          const lines = text.split('\n');
          for (const [from, to, how] of edits) {
            const at = from % lines.length;
            const line = lines[at];
            if (how === 'remove') lines.splice(at, 1, ...(lines.length === 1 ? [''] : []));
            if (how === 'repeat') lines.splice(to % lines.length, 0, line);
            if (how === 'move') lines.splice(to % lines.length, 0, ...lines.splice(at, 1));
            if (how === 'indent') lines[at] = `  ${line}`;
            if (how === 'unindent') lines[at] = line.slice(1);
            if (how === 'cut') lines[at] = line.slice(0, to % (line.length + 1));
            if (how === 'comment') lines[at] = `# ${line}`;
          }
          judgeText(lines.join('\n'));
        },
      ),
      { numRuns: share(300) },
    );
  });

  test('a file whose values were removed, repeated, moved or retyped is refused or planned', () => {
    const trees = all.map((text): Tree => parse(text));
    const edit = fc.record({
      at: fc.nat(),
      to: fc.nat(),
      how: fc.constantFrom<Edit>('remove', 'retype', 'move', 'rename', 'misspell'),
      value: fc.oneof(
        fc.constantFrom<unknown>(
          null,
          true,
          '',
          [],
          {},
          -1,
          0.5,
          'orders',
          'counts',
          '5s',
          '()',
          REFERENCE,
          [{ name: {} }],
          ['a', {}],
          { a: [] },
        ),
        fc.string({ maxLength: 5 }),
        fc.integer(),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...trees),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (tree, edits) => {
          const copy = structuredClone(tree);
          for (const { at, to, how, value } of edits) mutate(copy, at, to, how, value);
          judgeText(stringify(copy));
        },
      ),
      { numRuns: share(300) },
    );
  });

  test('a text with characters removed or put in is refused or planned', () => {
    const insert = fc.constantFrom(
      '',
      ' ',
      '\n',
      ':',
      '{',
      '}',
      '"',
      "'",
      '#',
      '&a',
      '*a',
      '\t',
      '-',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), insert), { minLength: 1, maxLength: 3 }),
        (edits) => {
          let text = whole;
          for (const [at, removed, put] of edits) {
            const place = at % text.length;
            text = text.slice(0, place) + put + text.slice(place + removed);
          }
          judgeText(text);
        },
      ),
      { numRuns: share(300) },
    );
  });
});

test('a side that is looked up as of arrival holds up no window, however long it is silent', () => {
  const of = (join: string): string => `version: 1
name: named
http: false
vehicles:
  shop:
    lanes:
      web: { listen: 7001, fields: { id: long, at: timestamp }, event_time: at }
      names:
        listen: 7002
        fields: { id: long, name: string, at: timestamp }
        event_time: { field: at, idle_timeout: never }
operators:
  named: { type: join, left: web, right: names, key: id, ${join}, fields: { name: name } }
  counts: { type: aggregate, from: named, window: { tumble: 1m }, fields: { n: count(name) } }
exits:
  counts: { from: counts, for: shop }
`;
  const found = (text: string): string[] =>
    validateText(text, 'named.yaml').findings.map(({ rule }) => rule);
  expect(found(of('within: 1d'))).toEqual(['idle-lane-stalls']);
  expect(found(of('as_of: arrival, retention: 1d'))).toEqual(['no-tests']);
});

type Edit = 'remove' | 'retype' | 'move' | 'rename' | 'misspell';
type Tree = Record<string, unknown> | unknown[];

/** Every place in a tree. */
function places(tree: Tree): { readonly owner: Tree; readonly key: string }[] {
  return Object.entries(tree).flatMap(([key, value]) => [
    { owner: tree, key },
    ...(typeof value === 'object' && value !== null ? places(value as Tree) : []),
  ]);
}

function mutate(tree: Tree, at: number, to: number, how: Edit, value: unknown): void {
  const all = places(tree);
  if (all.length === 0) return;
  const { owner, key } = all[at % all.length];
  const other = all[to % all.length];
  const record = owner as Record<string, unknown>;
  const moved = structuredClone((other.owner as Record<string, unknown>)[other.key]);
  if (how === 'remove') delete record[key];
  if (how === 'retype') record[key] = value;
  if (how === 'move') record[key] = moved;
  // A large index would make a list of as many holes.
  if (how === 'rename' && !Array.isArray(owner)) record[String(value)] = record[key];
  if (how === 'misspell') {
    record[`${key.slice(0, -1)}`] = record[key];
    delete record[key];
  }
}
