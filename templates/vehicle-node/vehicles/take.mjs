// Takes results: any AMQP 1.0 client would do, this one is rhea (npm install rhea).
import rhea from 'rhea';

const QUIET_MS = 2000; // nothing for this long: that was all
const [host, port] = (process.env.ROUNDABOUT_AMQP ?? '127.0.0.1:5672').split(':');
const address = process.env.ROUNDABOUT_EXIT_LARGE ?? 'large';

const connection = rhea.connect({
  host,
  port: Number(port),
  container_id: 'taker',
  username: 'taker',
  reconnect: false,
});
// Accepted when the work is done, not on arrival: what was not accepted is offered again.
connection.open_receiver({ source: { address }, credit_window: 10, autoaccept: false });
connection.on('message', ({ message, delivery }) => {
  console.log(`order ${message.body.id}: ${message.body.amount}`);
  delivery.accept();
  leave.refresh();
});
const leave = setTimeout(() => {
  connection.on('connection_close', () => process.exit(0));
  connection.close();
}, QUIET_MS);
for (const failure of ['disconnected', 'connection_error', 'receiver_error']) {
  connection.on(failure, () => process.exit(1));
}
