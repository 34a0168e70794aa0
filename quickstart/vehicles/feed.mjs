// Drives the lines of a file into a lane: node feed.mjs LANE FILE
// All it needs is a TCP socket; put your own program in its place, in any language.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';

const [lane, file] = process.argv.slice(2);
// The roundabout starts this program and tells it where its lane is: host:port.
const address = process.env[`ROUNDABOUT_LANE_${lane.toUpperCase()}`] ?? '127.0.0.1:7001';
const colon = address.lastIndexOf(':');
const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
socket.on('error', (error) => {
  console.error(`the lane is lost: ${error.message}`);
  process.exit(1);
});
const closed = once(socket, 'close');
// A full lane is not an error: pipe waits until it reads on.
createReadStream(file).pipe(socket);
// The roundabout closes its side only when every line is safe on its disk.
socket.resume();
await closed;
console.log(`${file} is in.`);
