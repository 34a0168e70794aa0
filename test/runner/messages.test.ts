/** What an exit makes of a record, as clients of other hands find it: body, subject, properties, mark. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { finish, Place } from '../tools/product.ts';
import { hasProton, runPython, stopPython } from '../tools/proton.ts';
import { connect, disconnectAll, type Got, receive } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

const TOPOLOGY = `
version: 1
name: messages
http: false
amqp: { listen: 0 }
params: { site: lisbon }
vehicles:
  shop:
    lanes:
      orders: { listen: 0, fields: { id: long, region: string, paid: double, at: timestamp } }
exits:
  plain: { from: orders, for: shop }
  marked:
    from: orders
    for: shop
    format: text
    fields: [region]
    subject: concat('order in ', region)
    properties:
      id: id
      late: _late
      site: params.site
      paid: paid
      at: at
    delivery: { durable: false }
  lines: { from: orders, for: shop, format: ndjson, fields: { id: id, half: paid / 2 } }
`;
const LINES = [
  '{"id":1,"region":"north","paid":2.5,"at":"2026-01-01T00:00:00Z"}',
  '{"id":2,"paid":3}',
  '{"id":3,"region":"sü\\"d","at":"2026-01-01T00:00:01Z"}',
];
const AT = Date.UTC(2026, 0, 1);

const places: Place[] = [];
afterEach(() => {
  disconnectAll();
  stopPython();
  for (const place of places.splice(0)) place.remove();
});

/** Starts the flow and brings it the lines. @returns its AMQP port */
async function started(): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const place = new Place(TOPOLOGY);
  places.push(place);
  const product = await place.run().ready();
  const lane = await place.dial('orders');
  lane.write(`${LINES.join('\n')}\n`);
  await finish(lane);
  const { amqp } = await place.status();
  const stop = async (): Promise<void> => {
    expect(await product.stop()).toBe(0);
    expect(product.stderr).toContain('adds up');
  };
  return { port: Number(amqp.split(':').pop()), stop };
}

describe('messages', () => {
  test('rhea sees bodies, subjects, properties and marks as the file says', async () => {
    const { port, stop } = await started();
    const connection = await connect(port);
    const take = async (address: string): Promise<Got[]> => {
      const taking = receive(connection, { address, credit: 3, accept: true });
      await until(() => taking.got.length === 3);
      return taking.got;
    };
    const marked = await take('marked');
    expect(marked.map(({ body }) => body)).toEqual(['north', null, 'sü"d']);
    expect(marked.map(({ subject }) => subject ?? null)).toEqual([
      'order in north',
      null,
      'order in sü"d',
    ]);
    expect(marked.map(({ durable }) => durable)).toEqual([false, false, false]);
    expect(marked[0].properties).toEqual({
      id: 1,
      late: false,
      site: 'lisbon',
      paid: 2.5,
      at: new Date(AT),
    });
    expect(marked[1].properties).toEqual({
      id: 2,
      late: false,
      site: 'lisbon',
      paid: 3,
      at: null,
    });
    const lines = await take('lines');
    expect(lines.map(({ body }) => body)).toEqual([
      '{"id":1,"half":1.25}',
      '{"id":2,"half":1.5}',
      '{"id":3,"half":null}',
    ]);
    const plain = await take('plain');
    expect(
      plain.map(({ durable, subject, properties }) => [
        durable,
        subject ?? null,
        properties ?? null,
      ]),
    ).toEqual(LINES.map(() => [true, null, null]));
    await stop();
  });

  (hasProton ? test : test.skip)('Proton sees the same', async () => {
    const { port, stop } = await started();
    const { status, lines } = await runPython('proton_messages.py', port, 'marked', 3);
    expect(status).toBe(0);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        id: 1,
        durable: false,
        subject: 'order in north',
        properties: { id: 1, late: false, site: 'lisbon', paid: 2.5, at: AT },
        body: 'north',
      },
      {
        id: 2,
        durable: false,
        subject: null,
        properties: { id: 2, late: false, site: 'lisbon', paid: 3, at: null },
        body: null,
      },
      {
        id: 3,
        durable: false,
        subject: 'order in sü"d',
        properties: { id: 3, late: false, site: 'lisbon', paid: null, at: AT + 1000 },
        body: 'sü"d',
      },
    ]);
    await stop();
  });
});
