/** What a running flow tells a person of its peers. */
import { afterEach, expect, test } from '@jest/globals';
import { finish, Place, until } from '../tools/product.ts';

const place = new Place(`
version: 1
name: notices
http: false
amqp: { listen: 0 }
vehicles: { v: { lanes: { in: { listen: 0, fields: { n: long } } } } }
exits: { out: { from: in, for: v } }
`);
afterEach(() => place.remove());

test('a rejected line is quoted without what would move the cursor or turn the text', async () => {
  const product = await place.run().ready();
  const socket = await place.dial('in');
  socket.write('{"n":"\u009b31m\u202ered"}\n');
  await finish(socket);
  await until(() => product.stderr.includes('a line was rejected'));
  expect(await product.stop()).toBe(0);
  expect(product.stderr).toContain('wrong-type, n: "\\u{9b}31m\\u{202e}red"');
  expect(product.stderr).not.toMatch(/[\u009b\u202e]/);
});
