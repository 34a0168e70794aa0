import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConnectionRoom } from '../../src/lanes/limits.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { until } from '../tools/wait.ts';
import { closed, closeWorlds, dial, openWorld } from './lane-world.ts';

afterEach(closeWorlds);

const MIB = 1024 * 1024;

describe('what a connection leaves in the journal', () => {
  test('is opened, its bytes as they came, and one orderly end', async () => {
    const { lane, journal, port } = await openWorld();
    const client = await dial(port);
    const { localPort } = client;
    client.end('{"a":1}\r\n\r\n{"b":"\u00e9"}\r\nno end');
    await closed(client);
    expect(journal.story(1)).toEqual(['opened', 'chunk', 'closed end']);
    expect(journal.received(1).toString()).toBe('{"a":1}\r\n\r\n{"b":"\u00e9"}\r\nno end');
    expect(journal.entries[0]).toMatchObject({ lane: 7, peer: `127.0.0.1:${localPort}` });
    expect(lane.state()).toMatchObject({ open: 0, ever: 1, endedInOrder: true });
    expect(lane.state().bytes).toBe(journal.total);
  });

  test('is complete and in order for each of two hundred at once', async () => {
    const { lane, journal, port } = await openWorld({
      limits: { maxConnections: 200, idleMs: null },
    });
    const sent = new Map<string, string>();
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const client = await dial(port);
        const text = `client ${i} says\n`.repeat(2000 + i);
        sent.set(`127.0.0.1:${client.localPort}`, text);
        client.end(text);
        await closed(client);
      }),
    );
    expect(lane.state()).toMatchObject({ open: 0, ever: 200 });
    for (let connection = 1; connection <= 200; connection++) {
      expect(journal.story(connection)).toEqual(['opened', 'chunk', 'closed end']);
      const [opened] = journal.of(connection);
      const peer = opened?.kind === 'opened' ? opened.peer : '';
      expect(journal.received(connection).toString() === sent.get(peer)).toBe(true);
    }
  });

  test('ends with the word of who refused it, once, and the others go on', async () => {
    const { lane, journal, port } = await openWorld();
    const [one, other] = [await dial(port), await dial(port)];
    one.write('bad\n');
    await until(() => journal.received(1).length > 0);
    lane.refuse(1, 'no');
    lane.refuse(1, 'no');
    lane.refuse(7, 'nobody');
    await closed(one);
    expect(journal.story(1)).toEqual(['opened', 'chunk', 'closed refused']);
    expect(lane.state()).toMatchObject({ open: 1, ever: 2 });
    other.end('good\n');
    await closed(other);
    expect(journal.story(2)).toEqual(['opened', 'chunk', 'closed end']);
  });

  test('is cut into chunks no longer than allowed', async () => {
    const { journal, port } = await openWorld({ chunkBytesMax: 1000 });
    const client = await dial(port);
    const text = Array.from({ length: 9000 }, (_, i) => String(i)).join(' ');
    client.end(text);
    await closed(client);
    const sizes = journal.of(1).flatMap((e) => (e.kind === 'chunk' ? [e.bytes.length] : []));
    expect(Math.max(...sizes)).toBe(1000);
    expect(journal.received(1).toString()).toBe(text);
  });

  test('of one that comes byte by byte is every byte', async () => {
    const { journal, port } = await openWorld();
    const client = await dial(port);
    client.setNoDelay(true);
    for (const byte of 'slow but sure\n') {
      const before = journal.total;
      client.write(byte);
      await until(() => journal.total > before);
    }
    client.end();
    await closed(client);
    expect(journal.received(1).toString()).toBe('slow but sure\n');
    expect(journal.count('chunk')).toBe(14);
  });

  test('of one that is reset ends in a reset, and its neighbour notices nothing', async () => {
    const { lane, journal, port } = await openWorld();
    const rude = await dial(port);
    rude.write('half a li');
    await until(() => journal.total === 9);
    const honest = await dial(port);
    rude.resetAndDestroy();
    await until(() => journal.count('closed') === 1);
    expect(journal.story(1)).toEqual(['opened', 'chunk', 'closed reset']);
    expect(lane.state()).toMatchObject({ open: 1, endedInOrder: false });
    honest.end('whole\n');
    await closed(honest);
    expect(journal.story(2)).toEqual(['opened', 'chunk', 'closed end']);
    expect(lane.state()).toMatchObject({ open: 0, endedInOrder: true });
  });

  test('of one that says nothing is its coming and going', async () => {
    const { journal, port } = await openWorld();
    const client = await dial(port);
    client.end();
    await closed(client);
    expect(journal.story(1)).toEqual(['opened', 'closed end']);
  });
});

test('our half of a connection closes only when its bytes are durable', async () => {
  const waiting: { lsn: number; done: () => void }[] = [];
  const { lane, journal, port } = await openWorld({
    durable: (lsn) => new Promise((done) => waiting.push({ lsn, done })),
  });
  const client = await dial(port);
  let ended = false;
  client.once('end', () => {
    ended = true;
  });
  client.end('precious\n');
  client.resume();
  await until(() => waiting.length === 1);
  expect(journal.entries.find((e) => e.kind === 'closed')?.lsn).toBe(waiting[0]?.lsn);
  // Another connection comes and goes meanwhile: the loop has turned often enough for a false end.
  const other = await dial(port);
  other.end('x\n');
  await until(() => waiting.length === 2);
  expect(ended).toBe(false);
  expect(lane.state().open).toBe(0);
  for (const { done } of waiting) done();
  await until(() => ended);
  expect(ended).toBe(true);
});

describe('a closed gate', () => {
  test('makes the sender of an endless line wait, and nothing is lost', async () => {
    const { lane, journal, gate, port } = await openWorld();
    journal.keepChunks = false;
    const free = await openWorld();
    free.journal.keepChunks = false;
    const hash = createHash('sha256');
    const client = await dial(port);
    let taken = 0;
    journal.onChunk = () => {
      if (journal.total >= MIB && taken === 0) {
        gate.set(false);
        taken = journal.total;
      }
    };
    const block = Buffer.alloc(MIB, 'no line end ');
    let written = 0;
    for (let i = 0; i < 50; i++) {
      hash.update(block);
      client.write(block, () => {
        written += MIB;
      });
    }
    await until(() => taken > 0);
    // As much goes through a lane beside it: time enough for the closed one to let something slip.
    const other = await dial(free.port);
    for (let i = 0; i < 50; i++) other.write(block);
    other.end();
    await closed(other);
    expect(free.journal.total).toBe(50 * MIB);
    expect(journal.total).toBe(taken);
    expect(written).toBeLessThan(50 * MIB);
    gate.set(true);
    client.end();
    await closed(client);
    expect(written).toBe(50 * MIB);
    expect(journal.total).toBe(50 * MIB);
    expect(lane.state().bytes).toBe(50 * MIB);
  });

  test('that opens and closes all the time gives every connection its turn', async () => {
    const { journal, gate, port } = await openWorld();
    journal.keepChunks = false;
    let appended = 0;
    journal.onChunk = () => {
      if (++appended % 3 !== 0) return;
      gate.set(false);
      setImmediate(() => gate.set(true));
    };
    const block = Buffer.alloc(4 * MIB, 'x');
    const clients = await Promise.all(Array.from({ length: 8 }, () => dial(port)));
    for (const client of clients) client.end(block);
    await Promise.all(clients.map(closed));
    expect([...journal.bytes.values()]).toEqual(Array(8).fill(4 * MIB));
  });

  test('lets a connection in, but does not read from it', async () => {
    const { journal, gate, port } = await openWorld();
    gate.set(false);
    const client = await dial(port);
    client.end('later\n');
    await until(() => journal.count('opened') === 1);
    const second = await dial(port);
    second.destroy();
    await until(() => journal.count('opened') === 2);
    expect(journal.count('chunk')).toBe(0);
    gate.set(true);
    await closed(client);
    expect(journal.received(1).toString()).toBe('later\n');
  });
});

test('a connection that floods does not keep another from being read', async () => {
  const { journal, port } = await openWorld();
  journal.keepChunks = false;
  const flood = await dial(port);
  let flooding = true;
  const pour = (): void => {
    if (flooding) flood.write(Buffer.alloc(MIB, 'x'), pour);
  };
  pour();
  pour();
  await until(() => journal.total > 8 * MIB);
  for (let i = 0; i < 20; i++) {
    const small = await dial(port);
    small.end('one line\n');
    await closed(small);
  }
  flooding = false;
  expect(journal.count('closed')).toBe(20);
});

describe('the address of a lane', () => {
  test('is on loopback, with a free port for 0', async () => {
    const { lane } = await openWorld();
    expect(lane.address.host).toBe('127.0.0.1');
    expect(lane.address.port).toBeGreaterThan(0);
  });

  test('that another program has is refused with the name of the lane', async () => {
    const { port } = await openWorld();
    await expect(openWorld({ listen: { port } })).rejects.toMatchObject({
      slug: 'port-in-use',
      exitCode: 3,
      message: `lane orders: 127.0.0.1:${port} is taken`,
    });
  });

  test('that this machine does not have is refused with a sentence', async () => {
    await expect(openWorld({ listen: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
      slug: 'cannot-listen',
      message: "lane orders: can't listen on 192.0.2.1:0: this machine has no such address",
    });
  });
});

describe('the caps', () => {
  test('refuse a connection without a trace in the log, say so once, and make room again', async () => {
    const { lane, journal, notices, port } = await openWorld({
      limits: { maxConnections: 2, idleMs: null },
    });
    const first = await dial(port);
    await dial(port);
    await until(() => lane.state().open === 2);
    for (let i = 0; i < 20; i++) await closed(await dial(port));
    expect(journal.entries.map((e) => e.kind)).toEqual(['opened', 'opened']);
    expect(notices).toEqual([
      {
        level: 'warning',
        about: 'lane orders',
        text: 'a connection was refused: the lane has 2 already',
      },
    ]);
    first.end();
    await once(first.resume(), 'close');
    await until(() => lane.state().open === 1);
    const third = await dial(port);
    third.end('in\n');
    await closed(third);
    expect(journal.received(3).toString()).toBe('in\n');
  });

  test('count how many refusals were not told', async () => {
    const clock = new ManualClock(0);
    const { lane, notices, port } = await openWorld({
      clock,
      limits: { maxConnections: 1, idleMs: null },
    });
    await dial(port);
    await until(() => lane.state().open === 1);
    for (let i = 0; i < 5; i++) await closed(await dial(port));
    clock.advance(10_000_000);
    await closed(await dial(port));
    expect(notices).toHaveLength(2);
    expect(notices[1]?.text).toContain('(and 4 more since the last warning)');
  });

  test('hold for all lanes together', async () => {
    const totalConnections = new ConnectionRoom(2);
    const a = await openWorld({ totalConnections });
    const b = await openWorld({ totalConnections });
    await dial(a.port);
    const second = await dial(b.port);
    await until(() => b.lane.state().open === 1 && a.lane.state().open === 1);
    await closed(await dial(a.port));
    expect(a.lane.state()).toMatchObject({ open: 1, ever: 1 });
    expect(a.notices).toHaveLength(1);
    second.resume().end();
    await once(second, 'close');
    await until(() => b.lane.state().open === 0);
    await dial(a.port);
    await until(() => a.lane.state().open === 2);
    expect(a.lane.state().ever).toBe(2);
  });
});

describe('an idle limit', () => {
  test('closes a connection that has been silent for so long', async () => {
    const clock = new ManualClock(0);
    const { journal, port } = await openWorld({
      clock,
      limits: { maxConnections: 8, idleMs: 5000 },
    });
    const client = await dial(port);
    await until(() => journal.count('opened') === 1);
    clock.advance(4_000_000);
    client.write('still here\n');
    await until(() => journal.total > 0);
    clock.advance(8_999_000);
    expect(journal.count('closed')).toBe(0);
    clock.advance(9_000_000);
    expect(journal.story(1)).toEqual(['opened', 'chunk', 'closed limit']);
    await closed(client);
  });

  test('does not count time in which nothing was read', async () => {
    const clock = new ManualClock(0);
    const { journal, gate, port } = await openWorld({
      clock,
      limits: { maxConnections: 8, idleMs: 5000 },
    });
    gate.set(false);
    const client = await dial(port);
    await until(() => journal.count('opened') === 1);
    clock.advance(60_000_000);
    expect(journal.count('closed')).toBe(0);
    gate.set(true);
    client.write('x');
    await until(() => journal.total === 1);
    clock.advance(70_000_000);
    expect(journal.story(1)).toEqual(['opened', 'chunk', 'closed limit']);
  });
});

describe('a stop', () => {
  test('closes an idle connection at once, whatever its peer does', async () => {
    const { lane, journal, port } = await openWorld();
    const client = await dial(port);
    client.pause();
    await until(() => lane.state().open === 1);
    await lane.stop(3_600_000);
    expect(journal.story(1)).toEqual(['opened', 'closed stop']);
    expect(await outcomeOfDialling(port)).toBe('ECONNREFUSED');
  });

  test('reads one that is sending to its end', async () => {
    const { lane, journal, port } = await openWorld();
    journal.keepChunks = false;
    const client = await dial(port);
    client.write(Buffer.alloc(MIB));
    await until(() => journal.total > 0);
    const stopped = lane.stop(3_600_000);
    for (let i = 0; i < 20; i++) client.write(Buffer.alloc(MIB));
    client.end();
    await closed(client);
    await stopped;
    expect(journal.total).toBe(21 * MIB);
    expect(journal.entries.at(-1)).toMatchObject({ kind: 'closed', how: 'end' });
  });

  test('ends one that never stops sending when the grace is over', async () => {
    const { lane, journal, port } = await openWorld();
    journal.keepChunks = false;
    const client = await dial(port);
    const pour = (error?: Error | null): void => {
      if (!error) client.write(Buffer.alloc(1000), pour);
    };
    pour();
    await until(() => journal.total > 0);
    await lane.stop(300);
    expect(journal.entries.at(-1)).toMatchObject({ kind: 'closed', how: 'stop' });
  });

  test('waits for one that may not be read, until the grace is over', async () => {
    const clock = new ManualClock(0);
    const { lane, journal, gate, port } = await openWorld({ clock });
    gate.set(false);
    const client = await dial(port);
    client.write('unread');
    await until(() => lane.state().open === 1);
    const stopped = lane.stop(5000);
    clock.advance(4_999_000);
    expect(journal.count('closed')).toBe(0);
    clock.advance(5_000_000);
    expect(journal.story(1)).toEqual(['opened', 'closed stop']);
    await stopped;
  });

  test('tells whoever listens, after the entry is in the journal', async () => {
    const { lane, journal, port } = await openWorld();
    const seen: string[] = [];
    const cancel = lane.onChange(() => {
      seen.push(`${lane.state().open} ${journal.entries.at(-1)?.kind}`);
    });
    await dial(port);
    await until(() => lane.state().open === 1);
    await lane.stop(0);
    expect(seen).toEqual(['1 opened', '0 closed']);
    cancel();
  });
});

function outcomeOfDialling(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((done) => {
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code));
    socket.once('connect', () => done('connected'));
  });
}
