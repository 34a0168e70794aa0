/** A running flow whose lanes end more than a line at a bad record: the connection, or the run. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { finish, Place, type Product, until } from '../tools/product.ts';

const FLOW = `
version: 1
name: strict
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in: { listen: 0, bad_record: ANSWER, fields: { n: long } }
exits: { out: { from: in, for: v } }
`;

let place: Place;
let product: Product;
beforeAll(() => {
  place = new Place('');
});
afterAll(async () => {
  await product.kill();
  place.remove();
});

async function laneAccount() {
  const { account, exits } = await place.status();
  const held = exits.map(({ name, held: count }) => [name, count]);
  return { ...account.lanes[0], held: Object.fromEntries(held) };
}

test('a bad record closes its connection and no other, and what came behind it at once is still read', async () => {
  place.write(FLOW.replace('ANSWER', 'close'));
  product = await place.run().ready();
  const good = await place.dial('in');
  good.write('{"n":1}\n');
  const bad = await place.dial('in');
  bad.resume();
  bad.on('error', () => {});
  const ended = once(bad, 'close');
  bad.write('{"n":2}\n{"n":"x"}\n{"n":3}\nhalf a li');
  await ended;
  await until(() => product.stderr.includes('was closed: line 2 is no record: wrong-type'));
  expect(product.stderr).toMatch(
    /lane in: connection 2 was closed: line 2 is no record: wrong-type, n: "x" where a value of type long is wanted/,
  );
  good.write('{"n":4}\n');
  await until(async () => (await laneAccount()).records === 4);
  expect(await laneAccount()).toMatchObject({ lines: 6, bad: 1, torn: 1, held: { out: 4 } });
  expect((await place.status()).lanes[0].connections).toBe(1);
  await finish(good);
  expect(await product.stop()).toBe(0);
});

test('a bad record ends the run in order, and the next one goes on behind it', async () => {
  place.write(FLOW.replace('ANSWER', 'stop'));
  product = await place.run().ready();
  const socket = await place.dial('in');
  socket.on('error', () => {});
  socket.write('{"n":5}\n{"n":"\u009b31mred"}\n{"n":6}\n{}x\n');
  expect(await product.exited).toBe(4);
  socket.destroy();
  expect(product.stderr).toContain(
    'error bad-record  lane in, connection 3: line 2 is no record: wrong-type, n: "\\u{9b}31mred" where',
  );
  expect(product.stderr.match(/error bad-record/g)).toHaveLength(1);
  expect(product.stderr).toContain('help: it is held at the dead letter');
  expect(product.stderr).toContain('records 6 + bad 3 + torn 1');
  product = await place.run().ready();
  expect(await laneAccount()).toMatchObject({
    records: 6,
    bad: 3,
    held: { out: 6, dead_letter: 3 },
  });
  expect(await product.stop()).toBe(0);
});
