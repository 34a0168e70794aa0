// Drives into a lane with two thousand flights, one JSON record a line, in order of time.
// All it needs is a TCP socket: a program in any language can do the same.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

const DAY_MS = 86_400_000;
// The file covers 90 days. Every further run goes on after the one before it: moved by whole weeks,
// and by enough of them that the first record lies beyond the last week that was counted.
const RUN_SPACING_MS = 14 * 7 * DAY_MS;

const run = Number(process.env.ROUNDABOUT_RUN ?? 1);
const lane = process.env.ROUNDABOUT_LANE_FLIGHTS;
if (lane === undefined) {
  console.error('ROUNDABOUT_LANE_FLIGHTS is not set: where is the lane?');
  process.exit(2);
}

// '2001/01/01 06:55' in the file; in the record ISO 8601, as if every airport lived by UTC.
function departure(date) {
  const ms = Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`);
  return new Date(ms + (run - 1) * RUN_SPACING_MS).toISOString();
}

const file = new URL('../data/flights-2k.json', import.meta.url);
const flights = JSON.parse(await readFile(file, 'utf8'))
  .map(({ date, ...rest }) => ({ time: departure(date), ...rest }))
  .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));

const colon = lane.lastIndexOf(':');
const socket = connect(Number(lane.slice(colon + 1)), lane.slice(0, colon));
socket.on('error', (error) => {
  console.error(`the lane is lost: ${error.message}`);
  process.exit(1);
});
const closed = once(socket, 'close');
for (const flight of flights) {
  // A full lane is not an error: wait until it reads on.
  if (!socket.write(`${JSON.stringify(flight)}\n`)) await once(socket, 'drain');
}
// The roundabout closes its side only when every line is safe on its disk.
socket.end();
socket.resume();
await closed;

const [from, to] = [flights[0], flights[flights.length - 1]].map(({ time }) => time.slice(0, 10));
console.log(`${flights.length} flights of ${from} to ${to} are in. Done.`);
