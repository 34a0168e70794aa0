/** What is taken for a secret, and what only looks a little like one. */
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';

function said(vehicle: string, rest = ''): string[] {
  const text = `version: 1\nname: x\nvehicles:\n  v:\n    command: [node, v.js]\n    lanes: { l: { codec: text } }\n${vehicle}exits: { e: { from: l, for: v } }\n${rest}`;
  const { findings } = validateText(text, 'x.yaml');
  return findings
    .filter(({ rule }) => rule.startsWith('secret'))
    .map(({ rule, at }) => `${rule} ${at.line}:${at.column}`);
}

describe('secrets', () => {
  test.each([
    ['DB_PASSWORD: hunter2'],
    ['API_KEY: abc'],
    ['apikey: abc'],
    ['PASSWORD: 1234'],
    ['URL: "amqp://guest:guest@broker:5672"'],
    ['KEY: AKIAABCDEFGHIJKLMNOP'],
    ['PEM: "-----BEGIN RSA PRIVATE KEY-----"'],
  ])('in the environment of a vehicle: %s', (env) => {
    expect(said(`    env: { ${env} }\n`)).toEqual([expect.stringMatching(/^secret-in-text 7:/)]);
  });

  test.each([
    ['DB_PASSWORD_FILE: /run/secrets/db'],
    ['MAX_TOKENS: 5'],
    ['TOKEN: ""'],
    ['TOKEN: true'],
    ['MONKEY: abc'],
    ['URL: "amqp://broker:5672/a@b"'],
    ['DB_PASSWORD: "$' + '{env:DB_PASSWORD}"'],
  ])('none in %s', (env) => {
    expect(said(`    env: { ${env} }\n`)).toEqual([]);
  });

  test('in the fields of the language that hold one, also those that are yet to come', () => {
    expect(said('    secret: hunter2\n')).toEqual(['secret-in-text 7:13']);
    expect(said('', 'http: { token: abc }\n')).toEqual(['secret-in-text 8:16']);
    const broker = 'amqp: { brokers: { b: { url: "amqp://b", password: abc } } }\n';
    expect(said('', broker)).toEqual(['secret-in-text 8:52']);
  });

  test('a field of a record may be called as it likes', () => {
    const lane = '      m: { fields: { token: string, password: string } }\n';
    const text = `version: 1\nname: x\nvehicles:\n  v:\n    command: [v]\n    lanes:\n${lane}exits: { e: { from: m, for: v } }\n`;
    const { findings } = validateText(text, 'x.yaml');
    expect(findings.map(({ rule }) => rule)).toEqual(['no-tests']);
  });

  const commanded = (command: string): string =>
    `version: 1\nname: x\nvehicles:\n  v: { command: ${command}, lanes: { l: { codec: text } } }\nexits: { e: { from: l, for: v } }\n`;

  test.each([
    ['[v, --password, hunter2]', 'hunter2'],
    ['[v, --db-password=hunter2]', '--db'],
    ['[v, -token, hunter2]', 'hunter2'],
    ['[v, "https://a:b@c/d"]', '"https'],
  ])('among arguments: %s', (command, place) => {
    const text = commanded(command);
    const { findings } = validateText(text, 'x.yaml');
    const column = text.split('\n')[3].indexOf(place) + 1;
    expect(findings.map(({ rule, at }) => `${rule} ${at.line}:${at.column}`)).toEqual([
      `secret-in-arguments 4:${column}`,
    ]);
  });

  test.each([
    '[v, --password-file, x]',
    '[v, --tokens, "5"]',
    '[v, --token, --other]',
    '[v, password]',
  ])('none among %s', (command) => {
    const { findings } = validateText(commanded(command), 'x.yaml');
    expect(findings.map(({ rule }) => rule)).toEqual(['no-tests']);
  });
});
