// Drives into a lane with the airports of the country, one JSON record a line. Once is enough: the roundabout
// keeps what it was told, over restarts too, so a later run has nothing to say.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

const run = Number(process.env.ROUNDABOUT_RUN ?? 1);
const lane = process.env.ROUNDABOUT_LANE_AIRPORTS;
if (lane === undefined) {
  console.error('ROUNDABOUT_LANE_AIRPORTS is not set: where is the lane?');
  process.exit(2);
}
if (run > 1) {
  console.log('The airports are there since my first run. Nothing new.');
  process.exit(0);
}

const file = new URL('../data/airports.csv', import.meta.url);
const [head, ...rows] = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/).map(cells);
const records = rows.map((row) => Object.fromEntries(row.map((cell, i) => [head[i], cell])));

// A cell with a comma in it stands in quotes.
function cells(line) {
  return [...line.matchAll(/("([^"]|"")*"|[^,]*)(,|$)/g)]
    .slice(0, line.endsWith(',') ? undefined : -1)
    .map(([, cell]) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

const colon = lane.lastIndexOf(':');
const socket = connect(Number(lane.slice(colon + 1)), lane.slice(0, colon));
socket.on('error', (error) => {
  console.error(`the lane is lost: ${error.message}`);
  process.exit(1);
});
const closed = once(socket, 'close');
for (const record of records) {
  if (!socket.write(`${JSON.stringify(record)}\n`)) await once(socket, 'drain');
}
socket.end();
socket.resume();
await closed;
console.log(`${records.length} airports are in. Done.`);
