// Comes late for the result of quickstart.yaml and prints it. All it needs is an AMQP 1.0 client; this
// one is rhea, but any other, in any language, would do.
import { setTimeout as sleep } from 'node:timers/promises';
import rhea from 'rhea';

const LATE_MS = 1500; // how long the others have to get along without us
const FIRST_MS = 15_000; // patience for the first row: a slow machine may still be counting
const QUIET_MS = 1000; // nothing for this long: that was all
const CREDIT = 100; // messages on their way to us that we have not asked about yet

const amqp = process.env.ROUNDABOUT_AMQP ?? '127.0.0.1:5672';
const address = process.env.ROUNDABOUT_EXIT_BAD_WEEKS ?? 'bad_weeks';

console.log('Late, as ever. Whatever is ready before I come is held for me.');
await sleep(LATE_MS);

const colon = amqp.lastIndexOf(':');
const connection = rhea.connect({
  host: amqp.slice(0, colon),
  port: Number(amqp.slice(colon + 1)),
  container_id: 'board',
  username: 'board', // without a password: SASL ANONYMOUS
  reconnect: false,
});
const receiver = connection.open_receiver({
  source: { address },
  credit_window: CREDIT,
  autoaccept: false, // printed first, accepted then: a row is forgotten only when it was seen
});

let rows = 0;
let patience = setTimeout(leave, FIRST_MS);

receiver.on('message', ({ message, delivery }) => {
  if (rows === 0) {
    console.log('Bad weeks: airports with three or more flights over 15 minutes late');
    console.log('');
    console.log(`week from   ${'airport'.padEnd(40)}  late  on average    worst`);
  }
  console.log(row(message.body));
  rows++;
  delivery.accept();
  clearTimeout(patience);
  patience = setTimeout(leave, QUIET_MS);
});

function row({ week, airport, state, late, average, worst }) {
  const day = new Date(week).toISOString().slice(0, 10);
  const minutes = (value) => `${Math.round(value)} min`;
  const place = `${airport}, ${state}`.slice(0, 40).padEnd(40);
  return `${day}  ${place}  ${String(late).padStart(4)}  ${minutes(average).padStart(10)}  ${minutes(worst).padStart(7)}`;
}

function leave() {
  console.log('');
  console.log(`${rows} rows taken, nothing more is held for me. Goodbye.`);
  connection.on('connection_close', () => process.exit(0));
  connection.close();
}

for (const failure of ['disconnected', 'connection_error', 'receiver_error']) {
  connection.on(failure, ({ error, connection: c, receiver: r }) => {
    const why = error ?? r?.error ?? c?.error;
    console.error(`the exit is lost: ${why?.description ?? why?.message ?? failure}`);
    process.exit(1);
  });
}
