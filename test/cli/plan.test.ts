/** `plan` and `reload` as a person calls them: what they print, and their exit codes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Place, Product } from '../tools/product.ts';

const FLOW = `version: 1
name: flow
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in: { listen: 0, fields: { id: long, k: string, at: timestamp }, event_time: at }
operators:
  odd: { type: filter, from: in, where: id % 2 = 1 }
  per: { type: aggregate, from: odd, window: { tumble: 10s }, group_by: k, fields: { n: count(*) } }
exits:
  out: { from: per, for: v }
`;

let place: Place;
let running: Product | undefined;
afterEach(async () => {
  await running?.kill();
  running = undefined;
  place.remove();
});

async function call(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const product = new Product(args);
  const code = await product.exited;
  return { code, out: product.stdout, err: product.stderr };
}

describe('plan OLD NEW', () => {
  test.each<[string, string, number, number, string[]]>([
    ['nothing', FLOW, 0, 0, ['5 kept. Nothing is lost.']],
    [
      'what is kept',
      FLOW.replace('id % 2', 'id % 3'),
      0,
      10,
      [
        '4 kept, 1 rewired. Nothing is lost.',
        '~ operator odd   rewired   where id % 2 = 1 -> id % 3 = 1',
      ],
    ],
    [
      'what is lost',
      FLOW.replace('tumble: 10s', 'tumble: 20s'),
      1,
      11,
      [
        'per would lose its state',
        '! operator per   reset',
        'write "state: { on_change: reset }" at per',
      ],
    ],
    [
      'what goes, with no place left to say so,',
      FLOW.replace(/ {2}per: .*\n/, '').replace('from: per', 'from: odd'),
      1,
      11,
      ['- operator per   removed', 'unless it is empty: give --allow-reset per'],
    ],
    [
      'what may be lost',
      FLOW.replace('tumble: 10s }', 'tumble: 20s }, state: { on_change: reset }'),
      0,
      10,
      ['Nothing is lost', '! operator per   reset'],
    ],
  ])('tells %s by words and by its exit code', async (_, after, plain, detailed, words) => {
    place = new Place(FLOW);
    const next = join(place.folder, 'next.yaml');
    writeFileSync(next, after);
    const told = await call('plan', place.file, next);
    for (const word of words) expect(told.out).toContain(word);
    expect(told.code).toBe(plain);
    expect((await call('plan', place.file, next, '--detailed-exitcode')).code).toBe(detailed);
  });

  test('says what is wrong in either file', async () => {
    place = new Place(FLOW.replace('from: odd', 'from: odds'));
    const told = await call('plan', place.file, place.file);
    expect(told.code).toBe(1);
    expect(told.err).toContain('did you mean "odd"?');
  });
});

test('plan FILE and reload speak with the runner, whose edits are not followed', async () => {
  place = new Place(FLOW);
  running = await place.run('--no-watch').ready();
  const where = ['--state-dir', place.state];
  expect(await call('plan', place.file, ...where)).toMatchObject({ code: 0 });
  place.write(FLOW.replace('id % 2', 'id % 3'));
  const planned = await call('plan', place.file, ...where, '--detailed-exitcode');
  expect(planned).toMatchObject({ code: 10 });
  expect(planned.out).toContain('revision 1 -> 2: 4 kept, 1 rewired. Nothing is lost.');
  expect((await place.status()).revision).toBe(1);
  const done = await call('reload', ...where);
  expect(done.code).toBe(0);
  expect(done.err).toMatch(/revision 2 {3}4 kept, 1 rewired {3}paused \d+ ms/);
  place.write(FLOW.replace('from: odd', 'from: odds'));
  const broken = await call('reload', ...where);
  expect(broken.code).toBe(1);
  expect(broken.err).toContain('refused: dangling-reference');
  place.write(FLOW.replace('amqp: { listen: 0 }', 'amqp: { listen: 7997 }'));
  const refused = await call('reload', ...where);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/flow\.yaml: needs-restart {2}amqp\.listen/);
  expect((await place.status()).revision).toBe(2);
});
