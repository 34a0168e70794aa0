/** A receiver refuses every seventh of 1,500 records while the process is killed three times. */
import { afterEach, expect, test } from '@jest/globals';
import rhea from 'rhea';
import { take } from '../tools/drain.ts';
import { finish, Place, until } from '../tools/product.ts';

const RECORDS = 1_500;
const TOPOLOGY = `
version: 1
name: refusal
http: false
amqp: { listen: 0 }
vehicles:
  shop: { lanes: { orders: { listen: 0, fields: { id: long } } } }
  clerk: {}
exits:
  out: { from: orders, for: shop }
dead_letter: { for: clerk }
`;

let place: Place;
afterEach(() => place.remove());

/**
 * Takes from an exit until it is empty or the connection is lost, one at a time: of two answers given in
 * one turn rhea would send the first for both.
 * @returns what was answered
 */
function work(amqp: string, answered: (id: number) => void): Promise<void> {
  const [host, port] = amqp.split(':');
  const container = rhea.create_container();
  return new Promise((done) => {
    const settings = { host, port: Number(port), reconnect: false as const, tcp_no_delay: true };
    const connection = container.connect(settings as never);
    connection.open_receiver({ source: 'out', autoaccept: false, credit_window: 1 });
    container.on('message', ({ message, delivery }) => {
      const id = Number(message?.message_id);
      if (id % 7 === 0)
        delivery?.reject({ condition: 'shop:seventh', description: `${id}` } as never);
      else delivery?.accept();
      answered(id);
      if (id === RECORDS) connection.close();
    });
    container.on('connection_close', () => done());
    container.on('disconnected', () => done());
  });
}

test('each refused record is a dead letter once, every other was accepted, and the account adds up', async () => {
  place = new Place(TOPOLOGY);
  let product = await place.run().ready();
  const socket = await place.dial('orders');
  socket.write(Array.from({ length: RECORDS }, (_, i) => `{"id":${i + 1}}\n`).join(''));
  await finish(socket);
  const all = Array.from({ length: RECORDS }, (_, i) => i + 1);
  const sevenths = all.filter((id) => id % 7 === 0);
  const accepted = new Set<number>();
  let answers = 0;
  for (let kill = 1; kill <= 3; kill++) {
    const { amqp } = await place.status();
    const lost = work(amqp, (id) => {
      answers++;
      if (id % 7 !== 0) accepted.add(id);
      if (answers === kill * 300) void product.kill();
    });
    await product.exited;
    await lost;
    product = await place.run().ready();
  }
  await work((await place.status()).amqp, (id) => {
    if (id % 7 !== 0) accepted.add(id);
  });
  const status = await until(async () => {
    const now = await place.status();
    return now.exits[0].held === 0 && now;
  });
  expect(status.exits[0]).toMatchObject({
    numbered: RECORDS,
    delivered: RECORDS - sevenths.length,
    moved: sevenths.length,
  });
  expect([...accepted].sort((a, b) => a - b)).toEqual(all.filter((id) => id % 7 !== 0));
  const letters = await take(status.amqp, 'dead_letter', sevenths.length);
  expect(letters.map(({ id }) => id)).toEqual(sevenths.map((_, i) => i + 1));
  const moved = letters.map(({ body }) => body as { id: number; reason: string; detail: string });
  expect(moved.map(({ id }) => id)).toEqual(sevenths);
  for (const { id, reason, detail } of moved) {
    expect({ reason, detail }).toEqual({ reason: 'rejected', detail: `shop:seventh: ${id}` });
  }
  expect(await product.stop()).toBe(0);
  expect(product.stderr).toContain('adds up');
}, 60_000);
