/** Both ways of receiving from a socket: into memory of ours, and by events where Node offers nothing else. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { receive, receiveInto } from '../../src/lanes/receive.ts';

async function pair(): Promise<{ accepted: Socket; dialled: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const dialled = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(dialled, 'connect')]);
  server.close();
  return { accepted: accepted as Socket, dialled };
}

test.each(['accepted', 'dialled'] as const)(
  'an %s socket is read into the memory given, and pauses and ends as usual',
  async (which) => {
    const sockets = await pair();
    const reader = sockets[which];
    const writer = sockets[which === 'accepted' ? 'dialled' : 'accepted'];
    const memory = Buffer.alloc(1000);
    const taken: Buffer[] = [];
    const into = receiveInto(reader, memory, (bytes) => {
      expect(bytes.buffer).toBe(memory.buffer);
      taken.push(Buffer.from(bytes));
      reader.pause();
      setImmediate(() => {
        expect(taken).toHaveLength(pauses);
        pauses++;
        reader.resume();
      });
    });
    let pauses = 1;
    expect(into).toBe(true);
    const sent = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
    writer.end(sent);
    await once(reader, 'end');
    expect(Buffer.concat(taken).equals(sent)).toBe(true);
    reader.end();
    await once(writer.resume(), 'close');
  },
);

test('without the insides of Node that it looks for, the same bytes come by events', async () => {
  const { accepted, dialled } = await pair();
  const bare = new Proxy(accepted, {
    ownKeys: (socket) => Reflect.ownKeys(socket).filter((key) => typeof key === 'string'),
    get: (socket, key) => {
      const value: unknown = Reflect.get(socket, key);
      return typeof value === 'function' ? value.bind(socket) : value;
    },
  });
  const memory = Buffer.alloc(10);
  let text = '';
  receive(bare, memory, (bytes) => {
    text += bytes.toString();
  });
  dialled.end('by events');
  await once(accepted, 'end');
  expect(text).toBe('by events');
  expect(memory.every((byte) => byte === 0)).toBe(true);
  accepted.end();
  await once(dialled.resume(), 'close');
});
