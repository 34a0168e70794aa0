/** The process is killed in the middle, three times; what was in the log is neither lost nor doubled. */
import { afterEach, expect, test } from '@jest/globals';
import { take } from '../tools/drain.ts';
import { finish, Place, until } from '../tools/product.ts';

const LINES = 200_000;
const TOPOLOGY = `
version: 1
name: kill
http: false
amqp: { listen: 0 }
vehicles:
  shop:
    lanes:
      orders:
        listen: 0
        fields: { id: long, group: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 1s }
operators:
  some: { type: filter, from: orders, where: id % 10 != 0 }
  per: { type: aggregate, from: some, window: { tumble: 1s }, group_by: group, fields: { n: count(*), sum: sum(id), at: window_start } }
exits:
  out: { from: per, for: shop }
`;

let place: Place;
afterEach(() => place.remove());

function lines(first: number, last: number): string {
  let text = '';
  for (let id = first; id < last; id++) {
    text += `{"id":${id},"group":${id % 7},"at":${1_767_225_600_000 + id}}\n`;
  }
  return text;
}

test('200,000 lines through three kills: ids dense, nothing twice, nothing that was in the log lost', async () => {
  place = new Place(TOPOLOGY);
  let sent = 0;
  let product = await place.run().ready();
  for (let kill = 0; kill < 3; kill++) {
    const socket = await place.dial('orders');
    socket.on('error', () => {});
    const from = sent;
    socket.write(lines(from, from + 50_000));
    // Some of it must be in the log, and some not: the kill comes while lines are on their way.
    const seen = await until(async () => {
      const { account } = await place.status();
      return account.lanes[0].records > from && account.lanes[0].records;
    });
    expect(seen).toBeGreaterThan(from);
    await product.kill();
    socket.destroy();
    product = await place.run().ready();
    // A plain lane loses what was in its socket; what the log has, it has: go on behind it.
    const { account } = await place.status();
    sent = account.lanes[0].records;
    expect(sent).toBeGreaterThanOrEqual(seen);
  }
  const socket = await place.dial('orders');
  socket.write(lines(sent, LINES + 2001));
  await finish(socket);
  const status = await until(async () => {
    const now = await place.status();
    return now.account.lanes[0].records >= LINES && now;
  });
  const { numbered } = status.account.exits[0];
  const received = await take(status.amqp, 'out', numbered, true, 500);
  expect(received.map(({ id }) => id)).toEqual(Array.from({ length: numbered }, (_, i) => i + 1));
  expect(new Set(received.map(({ stream }) => stream)).size).toBe(1);
  const totals = new Map<number, { n: number; sum: number }>();
  for (const { body } of received) {
    const { n, sum, at } = body as { n: number; sum: number; at: Date };
    const second = new Date(at).getTime();
    const total = totals.get(second) ?? { n: 0, sum: 0 };
    totals.set(second, { n: total.n + n, sum: total.sum + sum });
  }
  // Every closed second holds 1,000 ids, of which 900 passed; none was counted twice.
  for (const [second, { n, sum }] of totals) {
    const first = second - 1_767_225_600_000;
    let wanted = 0;
    for (let id = first; id < first + 1000; id++) if (id % 10 !== 0) wanted += id;
    expect({ second, n, sum }).toEqual({ second, n: 900, sum: wanted });
  }
  expect(totals.size).toBeGreaterThanOrEqual(LINES / 1000);
  expect(await product.stop()).toBe(0);
  expect(product.stderr).toContain('adds up');
}, 60_000);
