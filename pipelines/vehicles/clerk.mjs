// Is started when something waits for it, takes all there is, and leaves. A rhea client; any AMQP 1.0 client would do.
import rhea from 'rhea';

const QUIET_MS = 500; // nothing for this long: that was all

const amqp = process.env.ROUNDABOUT_AMQP ?? '127.0.0.1:5672';
const address = process.env.ROUNDABOUT_EXIT_STATEMENTS ?? 'statements';

const colon = amqp.lastIndexOf(':');
const connection = rhea.connect({
  host: amqp.slice(0, colon),
  port: Number(amqp.slice(colon + 1)),
  reconnect: false,
});
const leave = () => connection.close();
let quiet = setTimeout(leave, 10 * QUIET_MS);
connection.on('message', ({ message, delivery }) => {
  const { account, day, cents } = message.body;
  console.log(`${account} got ${(cents / 100).toFixed(2)} on ${day.toISOString().slice(0, 10)}`);
  delivery.accept();
  clearTimeout(quiet);
  quiet = setTimeout(leave, QUIET_MS);
});
connection.on('connection_close', () => process.exit(0));
connection.on('disconnected', () => process.exit(1));
connection.open_receiver({ source: address, autoaccept: false, credit_window: 10 });
