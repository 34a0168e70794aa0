/** Completion: what a person gets at Tab, in a real bash and from the words alone. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { complete } from '../../src/cli/complete.ts';
import { completionScript } from '../../src/cli/completion-scripts.ts';
import { commands } from '../../src/cli/index.ts';
import { Place, root } from '../tools/product.ts';

const FLOW = `version: 1
name: shop
vehicles:
  till: { lanes: { orders: { listen: 0, codec: text }, refunds: { listen: 0, codec: text } } }
operators:
  large: { type: filter, from: orders, where: length(line) > 10 }
exits:
  large_ones: { from: large, for: till }
`;

let place: Place;
beforeAll(() => {
  // A file that is being written completes all the same, as long as it is YAML.
  place = new Place(FLOW.replace('where:', 'wher:'));
});
afterAll(() => place.remove());

async function offered(...words: string[]): Promise<string[]> {
  const program = new Command('roundabout');
  for (const { name, summary, hidden = false, define } of commands) {
    define(program.command(name, { hidden }).description(summary), async () => {});
  }
  return (await complete(program, words)).map(({ value }) => value);
}

describe('completion', () => {
  test('commands, and the commands of a command; those for programs are not shown', async () => {
    expect(await offered('')).toEqual(
      expect.arrayContaining(['run', 'validate', 'explain', 'graph']),
    );
    expect(await offered('')).not.toContain('__complete');
    expect(await offered('va')).toEqual(['validate']);
    expect(await offered('vehicle', '')).toEqual(expect.arrayContaining(['send', 'recv']));
  });

  test('options, and the values of those that have a list', async () => {
    expect(await offered('run', '--un')).toEqual(['--until']);
    expect(await offered('graph', 'x.yaml', '--format', '')).toEqual([
      'mermaid',
      'dot',
      'svg',
      'json',
    ]);
    expect(await offered('graph', '--format', 's')).toEqual(['svg']);
    expect(await offered('graph', '--format=s')).toEqual(['--format=svg']);
    expect(await offered('graph', '--format', '=', 's')).toEqual(['svg']);
    expect(await offered('list', 'f')).toEqual(['functions']);
  });

  test('names from the file that the line names', async () => {
    const { file } = place;
    expect(await offered('explain', file, '')).toEqual([
      'till',
      'orders',
      'refunds',
      'large',
      'large_ones',
    ]);
    expect(await offered('vehicle', 'send', '-t', file, '')).toEqual(['orders', 'refunds']);
    expect(await offered('vehicle', 'recv', '--topology', file, '')).toEqual([
      'large_ones',
      'dead_letter',
    ]);
    expect(await offered('run', file, '--allow-reset', 'l')).toEqual(['large']);
  });

  test('names from the runner that the line means', async () => {
    const flow = new Place(
      FLOW.replace('name: shop', 'name: shop\nhttp: false\namqp: { listen: 0 }'),
    );
    const product = await flow.run().ready();
    const where = ['--state-dir', flow.state];
    expect(await offered('vehicle', 'send', ...where, 'r')).toEqual(['refunds']);
    expect(await offered('vehicle', 'recv', ...where, '')).toEqual(['large_ones', 'dead_letter']);
    expect(await offered('plan', 'x', ...where, '--allow-reset', '')).toEqual(['large']);
    await product.stop();
    flow.remove();
  });

  test('words that explain knows', async () => {
    expect(await offered('explain', 'dangling')).toEqual(['dangling-reference']);
    expect(await offered('explain', 'exits.hold.t')).toEqual(['exits.hold.ttl']);
  });

  test('nothing where files are wanted, or nothing is known: the shell offers files then', async () => {
    expect(await offered('run', '')).toEqual([]);
    expect(await offered('graph', '-o', '')).toEqual([]);
    expect(await offered('nonsense', '')).toEqual([]);
    expect(await offered('vehicle', 'send', '--state-dir', join(place.folder, 'none'), '')).toEqual(
      [],
    );
  });

  test('in bash', () => {
    const tab = (...words: string[]): string[] => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const script = `${completionScript('bash')}
        complete -p roundabout >&2
        COMP_WORDS=('${join(root, 'bin/roundabout.js')}' ${quoted}); COMP_CWORD=${words.length}
        _roundabout; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
      expect(stderr).toContain('complete -o default -F _roundabout roundabout');
      return stdout.trim().split('\n');
    };
    expect(tab('vehicle', 'r')).toEqual(['recv']);
    expect(tab('vehicle', 'send', '-t', place.file, 'o')).toEqual(['orders']);
    expect(tab('graph', place.file, '--format', '')).toEqual(['mermaid', 'dot', 'svg', 'json']);
    expect(tab('run', '')).toEqual(['']);
  });

  test('every shell has its script', () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      expect(completionScript(shell)).toContain('__complete -- ');
    }
  });
});
