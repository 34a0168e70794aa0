/**
 * What one would write without Roundabout: a server, JSON.parse a line, a Map a window. Prints `ready PORT`,
 * and at the end of input its answer as JSON.
 */
import { createServer } from 'node:net';

const windows = new Map();
let text = '';

function take(line) {
  const bid = JSON.parse(line);
  if (bid.price <= 100_000) return;
  const window = Math.floor(bid.date_time / 10_000);
  let groups = windows.get(window);
  if (groups === undefined) {
    groups = new Map();
    windows.set(window, groups);
  }
  const group = groups.get(bid.auction);
  if (group === undefined) groups.set(bid.auction, { n: 1, top: bid.price });
  else {
    group.n++;
    if (bid.price > group.top) group.top = bid.price;
  }
}

const server = createServer((socket) => {
  socket.setEncoding('utf8');
  socket.on('data', (data) => {
    text += data;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end));
      from = end + 1;
    }
    text = text.slice(from);
  });
  socket.on('end', () => {
    socket.end();
    let results = 0;
    let sum = 0;
    for (const groups of windows.values()) {
      for (const { n, top } of groups.values()) {
        if (n < 20) continue;
        results++;
        sum += top;
      }
    }
    process.stdout.write(`${JSON.stringify({ results, sum })}\n`);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`ready ${server.address().port}\n`));
