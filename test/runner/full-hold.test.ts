/** Exits that are full and block, by the product as a process: who stops, who goes on, and what ends it. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Status } from '../../src/runner/status.ts';
import { take } from '../tools/drain.ts';
import { Place, type Product, until } from '../tools/product.ts';

const flow = (most: number): string => `version: 1
name: full
http: false
amqp: { listen: 0 }
vehicles:
  shop: { lanes: { orders: { listen: 0, fields: { id: long } } } }
  bank: { lanes: { cards: { listen: 0, fields: { id: long } } } }
  biller: {}
operators:
  all: { type: union, from: [orders, orders_again] }
  orders_again: { type: filter, from: orders, where: id < 0 }
exits:
  invoices: { from: all, for: biller, hold: { max_records: ${most} } }
  charges: { from: cards, for: biller, hold: { max_records: 5, on_full: drop_oldest } }
`;

let place: Place;
let product: Product;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await product?.kill();
  place?.remove();
});

async function dial(lane: string): Promise<Socket> {
  const socket = await place.dial(lane);
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

const lines = (count: number): string => `{"id":1,"note":"${'n'.repeat(1000)}"}\n`.repeat(count);
const laneOf = (status: Status, name: string) => status.lanes.find((lane) => lane.name === name);
const exitOf = (status: Status, name: string) => status.exits.find((exit) => exit.name === name);

async function statusWhen(met: (status: Status) => boolean): Promise<Status> {
  return until(async () => {
    const status = await place.status();
    return met(status) && status;
  });
}

const isFull = (status: Status): boolean =>
  laneOf(status, 'orders')?.note === 'is not read: exit invoices is full';

describe('an exit that is full', () => {
  test('stops the lanes behind it and no others, until it is taken from; all that waited comes', async () => {
    place = new Place(flow(100));
    product = await place.run().ready();
    const orders = await dial('orders');
    const cards = await dial('cards');
    orders.write(lines(150));
    await statusWhen(isFull);
    // What one read of a socket takes may still come, and no more.
    orders.write(lines(5000));
    cards.write(lines(40));
    const status = await statusWhen((one) => exitOf(one, 'charges')?.dropped === 35);
    expect(exitOf(status, 'charges')).toMatchObject({ numbered: 40, held: 5 });
    expect(laneOf(status, 'cards')?.note).toBe('');
    expect(status.pressure).toEqual([]);
    expect(exitOf(status, 'invoices')?.numbered).toBeLessThan(1500);
    const taken = await take(status.amqp, 'invoices', 5150, true, 50);
    expect(taken.map(({ id }) => id)).toEqual(Array.from({ length: 5150 }, (_, i) => i + 1));
    await statusWhen((one) => exitOf(one, 'invoices')?.held === 0 && !isFull(one));
    expect(await product.stop()).toBe(0);
    expect(product.stderr).toMatch(
      /charges +numbered 40 += delivered 0 \+ dropped 35 \+ held 5\n[\s\S]*adds up/,
    );
  });

  test('is full again after a kill, and an edit that gives it more room ends that at once', async () => {
    place = new Place(flow(100));
    product = await place.run().ready();
    (await dial('orders')).write(lines(120));
    await statusWhen(isFull);
    await product.kill();
    product = await place.run('--watch').ready();
    await statusWhen(isFull);
    (await dial('orders')).write(lines(30));
    place.write(flow(1000));
    const status = await statusWhen((one) => exitOf(one, 'invoices')?.numbered === 150);
    expect(isFull(status)).toBe(false);
    expect(product.stderr).toMatch(/hold\.max_records 100 -> 1000/);
    place.write(flow(10));
    await statusWhen(isFull);
    expect(await product.stop()).toBe(0);
  });
});
