// Comes once a night and drives in with the deposits of the day before. Which day that is follows from the time
// the run was planned for, not from the clock: a run that is repeated brings the same records.
import { once } from 'node:events';
import { connect } from 'node:net';

const DAY_MS = 86_400_000;
const ACCOUNTS = ['ann', 'bob', 'eve'];
const RECORDS = 12;

const lane = process.env.ROUNDABOUT_LANE_DEPOSITS;
const planned = process.env.ROUNDABOUT_PLANNED;
if (lane === undefined || planned === undefined) {
  console.error(
    'I come by schedule: ROUNDABOUT_LANE_DEPOSITS and ROUNDABOUT_PLANNED say where and when.',
  );
  process.exit(2);
}
const time = Date.parse(planned);
const yesterday = time - (time % DAY_MS) - DAY_MS;

const colon = lane.lastIndexOf(':');
const socket = connect(Number(lane.slice(colon + 1)), lane.slice(0, colon));
socket.on('error', (error) => {
  console.error(`the lane is lost: ${error.message}`);
  process.exit(1); // tried again, by what the file says under restart
});
const closed = once(socket, 'close');
for (let i = 0; i < RECORDS; i++) {
  const record = {
    id: (time / 1000) * RECORDS + i,
    account: ACCOUNTS[i % ACCOUNTS.length],
    cents: 100 * (i + 1),
    at: new Date(yesterday + i * 7_000_000).toISOString(),
  };
  socket.write(`${JSON.stringify(record)}\n`);
}
socket.end();
socket.resume();
await closed;
console.log(`${RECORDS} deposits of ${new Date(yesterday).toISOString().slice(0, 10)} are in.`);
