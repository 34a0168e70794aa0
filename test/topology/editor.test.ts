/**
 * What a person sees in an editor: ten slips and the words for them, ten places and what is offered there, from
 * the language server that editors use.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';
import { LanguageServer } from '../tools/language-server.ts';

const FILE = `version: 1
name: shop
vehicles:
  till:
    lanes:
      orders:
        listen: 7001
        codec: ndjson
        fields: { id: long, at: timestamp }
        event_time: at
operators:
  sums:
    type: aggregate
    from: orders
    window: { tumble: 10s }
    fields: { n: count(*) }
exits:
  sums:
    from: sums
    for: till
`;

let editor: LanguageServer;
beforeAll(async () => {
  editor = await new LanguageServer().start();
});
afterAll(() => editor.stop());

describe('slips in an editor', () => {
  test.each([
    [
      'a value that is none of them',
      'codec: ndjson',
      'codec: json',
      'Valid values: "ndjson", "text"',
    ],
    ['a misspelt field', 'from: sums', 'form: sums', 'Property form is not allowed.'],
    ['a field that is missing', '    from: sums\n', '', 'Missing property "from".'],
    ['a misspelt type', 'type: aggregate', 'type: agregate', 'Valid values: "filter", "select"'],
    [
      'a duration without a unit',
      'tumble: 10s',
      'tumble: 10',
      'Incorrect type. Expected "string".',
    ],
    ['a duration of words', 'tumble: 10s', 'tumble: 10 sec', 'Write a duration:'],
    [
      'a name that is taken',
      '  sums:\n    from: sums',
      '  held:\n    from: sums',
      'Some words are taken.',
    ],
    ['a port that is none', '7001', '70000', 'Value is above the maximum of 65535.'],
    ['an element in the singular', 'vehicles:', 'vehicle:', 'Property vehicle is not allowed.'],
    ['a command as one text', '    lanes:', '    command: a b\n    lanes:', 'Expected "array".'],
    [
      'a field one level too high',
      '        event_time: at',
      '        max_delay: 5s',
      'Property max_delay is not allowed.',
    ],
  ])('%s', async (_, right, wrong, words) => {
    expect(FILE).toContain(right);
    const problems = await editor.problems(FILE.replace(right, wrong));
    expect(problems.join('\n')).toContain(words);
    // One slip is told once, or twice where what it stands for is then missing.
    expect(problems.length).toBeLessThanOrEqual(2);
  });
});

describe('completions in an editor', () => {
  test.each([
    ['the file', 'exits:', '|\nexits:', ['amqp', 'state', 'dead_letter']],
    ['codecs', 'codec: ndjson', 'codec: |', ['ndjson', 'text']],
    [
      'event time',
      'event_time: at',
      'event_time:\n          |',
      ['field', 'max_delay', 'idle_timeout'],
    ],
    ['types of operators', 'type: aggregate', 'type: |', ['filter', 'select', 'explode', 'union']],
    ['windows', 'window: { tumble: 10s }', 'window:\n      |', ['tumble', 'batch', 'offset']],
    ['an exit', '    for: till', '    for: till\n    |', ['address', 'format', 'fields']],
    ['formats', '    for: till', '    format: |', ['map', 'json']],
    ['operators, whole', 'operators:\n', 'operators:\n  |\n', ['filter', 'aggregate', 'route']],
    ['vehicles, whole', 'vehicles:\n', 'vehicles:\n  |\n', ['vehicle']],
    ['exits, whole', 'exits:\n', 'exits:\n  |\n', ['exit']],
    [
      'forms of a time',
      'fields: { id: long, at: timestamp }',
      'fields:\n          at:\n            type: timestamp\n            format: |',
      ['iso8601', 'epoch_ms'],
    ],
  ])('%s', async (_, right, wrong, wanted) => {
    expect(FILE).toContain(right);
    const labels = (await editor.completions(FILE.replace(right, wrong))).map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(wanted));
    expect(labels).not.toContain('[object Object]');
  });

  test('an empty file is offered a whole flow, which is valid', async () => {
    const offered = await editor.completions('|');
    const flow = offered.find(({ label }) => label === 'flow')?.insertText ?? '';
    const text = flow.replaceAll(/\$\{\d+:([^}]*)\}/g, '$1');
    expect(validateText(text, 'flow.yaml').findings).toEqual([]);
    expect(text).toContain('exits:');
  });

  test('a whole operator comes with places to fill in', async () => {
    const offered = await editor.completions(FILE.replace('operators:\n', 'operators:\n  |\n'));
    const filter = offered.find(({ label }) => label === 'filter');
    expect(filter?.insertText).toContain(
      `$${'{1:result}'}:\n  type: filter\n  from: $${'{2:orders}'}\n  where: `,
    );
  });

  test('a word under the pointer tells its title, what it is for, what holds without it, and examples', async () => {
    const told = await editor.hover(FILE.replace('codec:', 'cod|ec:'));
    expect(told).toMatch(
      /Codec[\s\S]*How lines become records\. Default: `ndjson`\.[\s\S]*Example/,
    );
  });
});
