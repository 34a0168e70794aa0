/**
 * A receiver of its own process, by rhea: takes so many messages and asks that their `id` count up from 0, so that
 * all have come, once and in order. Arguments: port, count. Prints `attached`, then `done` or what is wrong.
 */
import rhea from 'rhea';

const [port, count] = process.argv.slice(2).map(Number);
let next = 0;
const container = rhea.create_container({ id: 'bench' });
const connection = container.connect({ host: '127.0.0.1', port, reconnect: false });
container.on('message', ({ message }) => {
  if (message.body.id !== next) {
    process.stdout.write(`wrong: ${message.body.id} in the place of ${next}\n`);
    process.exit(1);
  }
  if (++next < count) return;
  process.stdout.write('done\n');
  connection.close();
});
container.on('receiver_open', () => process.stdout.write('attached\n'));
container.on('disconnected', () => process.exit(next === count ? 0 : 1));
connection.open_receiver({ source: 'out', credit_window: 2000 });
