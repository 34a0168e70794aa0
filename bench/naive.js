/**
 * What one would write without Roundabout: a server, JSON.parse a line, a Map by key in a Map by window, and
 * the results sent by rhea to whoever attaches. Prints `ready PORT AMQP_PORT`. It keeps nothing on disk,
 * checks nothing and loses what it holds when it ends.
 */
import { createServer } from 'node:net';
import rhea from 'rhea';
import { DEAR, FEWEST, WINDOW_MS } from './bids.js';

/** @type {Map<number, Map<number, { n: number, top: number }>>} */
const windows = new Map();
const results = [];
let sent = 0;
let text = '';
let sender;

function take(line) {
  const bid = JSON.parse(line);
  if (bid.price <= DEAR) return;
  const window = Math.floor(bid.date_time / WINDOW_MS);
  let groups = windows.get(window);
  if (groups === undefined) {
    groups = new Map();
    windows.set(window, groups);
  }
  const group = groups.get(bid.auction);
  if (group === undefined) groups.set(bid.auction, { n: 1, top: bid.price });
  else {
    group.n++;
    if (bid.price > group.top) group.top = bid.price;
  }
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

const lane = createServer((socket) => {
  socket.setEncoding('utf8');
  socket.on('data', (data) => {
    text += data;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end));
      from = end + 1;
    }
    text = text.slice(from);
  });
  socket.on('end', () => {
    socket.end();
    for (const groups of windows.values()) {
      for (const [auction, { n, top }] of groups) {
        if (n >= FEWEST) results.push({ auction, n, top });
      }
    }
    send();
  });
});
amqp.once('listening', () => {
  lane.listen(0, '127.0.0.1', () => {
    process.stdout.write(`ready ${lane.address().port} ${amqp.address().port}\n`);
  });
});
