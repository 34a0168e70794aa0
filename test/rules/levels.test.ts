/** What a file and the command line may say of rules, and comments that silence one. */
import { describe, expect, test } from '@jest/globals';
import type { Level } from '../../src/diagnostics/level.ts';
import { validateText } from '../../src/rules/validate.ts';

const HEAD = 'version: 1\nname: x\n';
/** Gives exit-without-vehicle (I) at 5:3 and yaml-1-1-trap (W) at 3:14. */
const flow = (rest = ''): string =>
  `${HEAD}description: yes\nvehicles: { v: { lanes: { l: { listen: 7001, codec: text } } } }\n` +
  `exits: { e: { from: l } }\n${rest}`;

function said(text: string, levels: Record<string, Level> = {}): string[] {
  const { findings } = validateText(text, 'x.yaml', { levels: new Map(Object.entries(levels)) });
  return findings.map(({ rule, severity, at }) => `${severity} ${rule} ${at.line}:${at.column}`);
}

describe('levels', () => {
  test('a file says what rules weigh for it, the command line has the last word', () => {
    expect(said(flow())).toEqual(['warning yaml-1-1-trap 3:14', 'info exit-without-vehicle 5:10']);
    const lint = 'lint: { yaml-1-1-trap: ignore, exit-without-vehicle: error }\n';
    expect(said(flow(lint))).toEqual(['error exit-without-vehicle 5:10']);
    expect(said(flow(lint), { 'exit-without-vehicle': 'ignore' })).toEqual([]);
    expect(said(flow(lint), { 'yaml-1-1-trap': 'info' })[0]).toBe('info yaml-1-1-trap 3:14');
  });

  test('what is made an error refuses the file, what is ignored does not', () => {
    expect(validateText(flow('lint: { yaml-1-1-trap: error }\n'), 'x').topology).toBeUndefined();
    expect(validateText(flow('lint: { yaml-1-1-trap: ignore }\n'), 'x').topology).toBeDefined();
  });

  test('an error stays one, and a name that is no rule is said', () => {
    const text = flow('lint: { yaml-1-1-trap: ignore, cycle: info, unused-elment: error }\n');
    const { findings } = validateText(text, 'x.yaml');
    const [stays, unknown] = findings.filter(({ severity }) => severity === 'error');
    expect([stays?.rule, stays?.message]).toEqual([
      'value-not-allowed',
      '"cycle" is an error and stays one: a file with it cannot run',
    ]);
    expect([unknown?.rule, unknown?.hint]).toEqual([
      'unknown-field',
      'did you mean "unused-element"?',
    ]);
  });

  test('a level that is none is said', () => {
    expect(said(flow('lint: { unused-element: off }\n'))).toContain('error value-not-allowed 6:25');
  });
});

describe('comments that silence a rule', () => {
  const COMMENT = '# roundabout-disable-next-line';

  test('do so for the next line, with a reason', () => {
    const text = flow().replace(
      'exits',
      `${COMMENT} exit-without-vehicle: a person takes it\nexits`,
    );
    expect(said(text)).toEqual(['warning yaml-1-1-trap 3:14']);
  });

  test('may stand one above the other, and after something', () => {
    const two = `a: &a # roundabout-disable-next-line yaml-1-1-trap: read by us only\n  ${COMMENT} exit-without-vehicle: why not\n\n`;
    const text = `${HEAD}x_a: 1 ${two.slice(6)}description: yes\n${flow().slice(flow().indexOf('vehicles'))}`;
    // The second has nothing to silence there.
    expect(said(text)).toEqual(['warning stale-suppression 4:3', 'info exit-without-vehicle 8:10']);
  });

  test.each([
    ['without a reason', ' yaml-1-1-trap', 'the comment gives no reason'],
    ['with an empty reason', ' yaml-1-1-trap:  ', 'the comment gives no reason'],
    ['without a rule', '', 'the comment names no rule'],
    ['for no rule', ' yaml-trap: why', 'no rule is called "yaml-trap"'],
    ['for an error', ' cycle: why', '"cycle" is an error and stays one'],
  ])('%s silence nothing and are a finding', (_, words, message) => {
    const text = flow().replace('description', `${COMMENT}${words}\ndescription`);
    const { findings } = validateText(text, 'x.yaml');
    expect(findings.map(({ rule }) => rule)).toEqual([
      'stale-suppression',
      'yaml-1-1-trap',
      'exit-without-vehicle',
    ]);
    expect(findings[0].message).toContain(message);
    expect(findings[0].at.line).toBe(3);
  });

  test('are not called stale while an error hides what they are for', () => {
    const text = `${flow('nme: 1\n')}${COMMENT} unused-element: later\n`;
    expect(said(text)).not.toContain('stale-suppression');
  });

  test('are comments: the same words in a text are text', () => {
    const text = flow().replace('yes', `|\n  ${COMMENT} unused-element: no`);
    expect(said(text)).toEqual(['info no-tests 2:7', 'info exit-without-vehicle 6:10']);
  });
});
