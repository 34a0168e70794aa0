/**
 * What one would write without Roundabout: a server, JSON.parse a line, and the record sent by rhea to whoever
 * attaches. Prints `ready PORT AMQP_PORT`. It keeps nothing on disk; what has not been sent waits in memory.
 */
import { createServer } from 'node:net';
import rhea from 'rhea';

const waiting = [];
let first = 0;
let sender;

function send() {
  while (first < waiting.length && sender?.sendable()) sender.send({ body: waiting[first++] });
  if (first * 2 < waiting.length) return;
  waiting.splice(0, first);
  first = 0;
}

const container = rhea.create_container({ id: 'naive' });
container.on('sender_open', (context) => {
  sender = context.sender;
  sender.set_source({ address: 'out' });
});
container.on('sendable', send);
container.on('disconnected', () => {});
const amqp = container.listen({ host: '127.0.0.1', port: 0 });

const lane = createServer((socket) => {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (data) => {
    text += data;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      waiting.push(JSON.parse(text.slice(from, end)));
      from = end + 1;
    }
    text = text.slice(from);
    send();
  });
  socket.on('end', () => socket.end());
});
amqp.once('listening', () => {
  lane.listen(0, '127.0.0.1', () => {
    process.stdout.write(`ready ${lane.address().port} ${amqp.address().port}\n`);
  });
});
