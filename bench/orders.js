/**
 * Orders and their payments as lines of JSON, about 120 bytes each, 10,000 a second of event time on either
 * side; seeded. A payment comes up to 12 s after its order, which is too late for some, and few are too low.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { random } from './bids.js';

/** What every subject computes: pairs with a payment at most this long after the order, and below its amount. */
export const WITHIN_MS = 10_000;
const SLOWEST_MS = 12_000;
const START_MS = 1_767_225_600_000;
const PER_MS = 10;
const UNDERPAID = 0.02;
const SLICE = 50_000;

/** @param {number} count of each. @returns {{ orders: object[], payments: object[] }} each in order of time */
function records(count) {
  const next = random(7);
  const orders = [];
  const payments = [];
  for (let i = 0; i < count; i++) {
    const at = START_MS + Math.floor(i / PER_MS);
    const amount = 1 + Math.floor(next() * 1e6);
    const note = 'x'.repeat(20 + Math.floor(next() * 20));
    orders.push({ order_id: i, amount, customer: 1000 + (i % 5000), at, note });
    const paid = next() < UNDERPAID ? amount - 1 : amount;
    const method = `method-${i % 7}`;
    payments.push({ order_id: i, paid, method, at: at + Math.floor(next() * SLOWEST_MS), note });
  }
  payments.sort((a, b) => a.at - b.at);
  return { orders, payments };
}

async function write(file, all) {
  const stream = createWriteStream(file);
  for (let from = 0; from < all.length; from += SLICE) {
    const lines = all.slice(from, from + SLICE).map((one) => JSON.stringify(one));
    stream.write(`${lines.join('\n')}\n`);
  }
  stream.end();
  await finished(stream);
}

/** Writes both files. @returns the right answer, worked out by order number, without time passing */
export async function writeOrders({ orders: ordersFile, payments: paymentsFile }, count) {
  const { orders, payments } = records(count);
  await write(ordersFile, orders);
  await write(paymentsFile, payments);
  let results = 0;
  let sum = 0;
  for (const { order_id, paid, at } of payments) {
    const order = orders[order_id];
    if (at - order.at > WITHIN_MS || paid >= order.amount) continue;
    results++;
    sum += order.amount;
  }
  return { results, sum };
}
