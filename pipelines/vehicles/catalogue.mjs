// Comes once a night and drives in with the price list, a file of CSV just as it is: the lane knows how to read it.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';

const lane = process.env.ROUNDABOUT_LANE_PRICES;
if (lane === undefined) {
  console.error('ROUNDABOUT_LANE_PRICES is not set: where is the lane?');
  process.exit(2);
}
const colon = lane.lastIndexOf(':');
const socket = connect(Number(lane.slice(colon + 1)), lane.slice(0, colon));
socket.on('error', (error) => {
  console.error(`the lane is lost: ${error.message}`);
  process.exit(1); // tried again, by what the file says under restart
});
const closed = once(socket, 'close');
createReadStream(new URL('../data/catalogue.csv', import.meta.url)).pipe(socket);
socket.resume();
await closed; // The roundabout closes its side when every line is safe on its disk.
console.log('the price list is in.');
