/**
 * What one would write without Roundabout: two servers, JSON.parse a line, a Map of arrays by key for either
 * side, pruned as the time of the other side goes on, and pairs sent by rhea to whoever attaches. Prints
 * `ready ORDERS PAYMENTS AMQP`. It relies on each side coming in order of time.
 */
import { createServer } from 'node:net';
import rhea from 'rhea';
import { WITHIN_MS } from './orders.js';

/** One side: records by key, and all of them in order of time. */
class Side {
  /** @type {Map<number, any[]>} */
  byKey = new Map();
  queue = [];
  first = 0;
  time = Number.NEGATIVE_INFINITY;

  add(record) {
    const same = this.byKey.get(record.order_id);
    if (same === undefined) this.byKey.set(record.order_id, [record]);
    else same.push(record);
    this.queue.push(record);
  }

  /** Forgets what is older than a time. */
  prune(before) {
    while (this.first < this.queue.length && this.queue[this.first].at < before) {
      const { order_id } = this.queue[this.first++];
      const same = this.byKey.get(order_id);
      same.shift();
      if (same.length === 0) this.byKey.delete(order_id);
    }
    if (this.first * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
  }
}

const orders = new Side();
const payments = new Side();
const results = [];
let sent = 0;
let sender;

function pair(order, payment) {
  const late = payment.at - order.at;
  if (late < 0 || late > WITHIN_MS || payment.paid >= order.amount) return;
  results.push({ order_id: order.order_id, amount: order.amount, paid: payment.paid });
}

function takeOrder(line) {
  const order = JSON.parse(line);
  for (const payment of payments.byKey.get(order.order_id) ?? []) pair(order, payment);
  orders.add(order);
  payments.prune(order.at);
}

function takePayment(line) {
  const payment = JSON.parse(line);
  for (const order of orders.byKey.get(payment.order_id) ?? []) pair(order, payment);
  payments.add(payment);
  orders.prune(payment.at - WITHIN_MS);
}

function send() {
  while (sent < results.length && sender?.sendable()) sender.send({ body: results[sent++] });
}

const container = rhea.create_container({ id: 'naive' });
container.on('sender_open', (context) => {
  sender = context.sender;
  sender.set_source({ address: 'out' });
});
container.on('sendable', send);
container.on('disconnected', () => {});
const amqp = container.listen({ host: '127.0.0.1', port: 0 });

function lane(take) {
  return createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (data) => {
      text += data;
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        take(text.slice(from, end));
        from = end + 1;
      }
      text = text.slice(from);
      send();
    });
    socket.on('end', () => socket.end());
  });
}

const lanes = [lane(takeOrder), lane(takePayment)];
amqp.once('listening', () => {
  lanes[0].listen(0, '127.0.0.1', () => {
    lanes[1].listen(0, '127.0.0.1', () => {
      const ports = [...lanes, amqp].map((server) => server.address().port);
      process.stdout.write(`ready ${ports.join(' ')}\n`);
    });
  });
});
