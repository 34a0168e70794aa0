// Drives in: one JSON object a line.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

const [host, port] = (process.env.ROUNDABOUT_LANE_ORDERS ?? '127.0.0.1:7001').split(':');
const socket = connect(Number(port), host);
const closed = once(socket, 'close');
const file = new URL('../data/orders.json', import.meta.url);
for (const order of JSON.parse(await readFile(file, 'utf8'))) {
  // A full lane is not an error: wait until it reads on.
  if (!socket.write(`${JSON.stringify(order)}\n`)) await once(socket, 'drain');
}
socket.end();
socket.resume();
await closed; // every line is safe on the roundabout's disk
