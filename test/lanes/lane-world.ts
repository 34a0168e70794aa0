/** What a lane is joined to in these tests: a journal in memory, a gate by hand, and clients. */
import { connect, type Socket } from 'node:net';
import { type Address, LOOPBACK } from '../../src/lanes/address.ts';
import { type Lane, type LaneOptions, openLane } from '../../src/lanes/lane.ts';
import { ConnectionRoom } from '../../src/lanes/limits.ts';
import { systemClock } from '../../src/stream/clock.ts';
import type { Entry, LogEntry } from '../../src/stream/entry.ts';
import type { Cancel, Gate, Journal, Notice } from '../../src/stream/port.ts';

/** Keeps everything but chunks, and of those what it is asked to keep. */
export class MemoryJournal implements Journal {
  readonly entries: LogEntry[] = [];
  keepChunks = true;
  /** Bytes of chunks by connection. */
  readonly bytes = new Map<number, number>();
  onChunk: (connection: number) => void = () => {};
  #lsn = 0;

  append(entry: Entry): LogEntry {
    const stamped = { ...entry, lsn: this.#lsn++, at: 0 };
    if (entry.kind === 'chunk') {
      const bytes = Buffer.from(entry.bytes); // a slice of a Buffer would be no copy
      const { connection } = entry;
      this.bytes.set(connection, (this.bytes.get(connection) ?? 0) + bytes.length);
      if (this.keepChunks) this.entries.push({ ...stamped, bytes } as LogEntry);
      this.onChunk(connection);
    } else {
      this.entries.push(stamped);
    }
    return stamped;
  }

  get total(): number {
    let total = 0;
    for (const bytes of this.bytes.values()) total += bytes;
    return total;
  }

  of(connection: number): LogEntry[] {
    return this.entries.filter((e) => 'connection' in e && e.connection === connection);
  }

  received(connection: number): Buffer {
    return Buffer.concat(this.of(connection).flatMap((e) => (e.kind === 'chunk' ? [e.bytes] : [])));
  }

  /** `opened`, `chunk`, `closed end`, ... of one connection, equal neighbours once. */
  story(connection: number): string[] {
    const words = this.of(connection).map((e) =>
      e.kind === 'closed' ? `closed ${e.how}` : e.kind,
    );
    return words.filter((word, i) => word !== words[i - 1]);
  }

  count(kind: Entry['kind']): number {
    return this.entries.filter((entry) => entry.kind === kind).length;
  }
}

export class HandGate implements Gate {
  #open = true;
  #waiting = new Set<() => void>();

  get open(): boolean {
    return this.#open;
  }

  set(open: boolean): void {
    this.#open = open;
    if (!open) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) queueMicrotask(call);
  }

  whenOpen(call: () => void): Cancel {
    if (this.#open) queueMicrotask(call);
    else this.#waiting.add(call);
    return () => this.#waiting.delete(call);
  }
}

export interface LaneWorld {
  readonly lane: Lane;
  readonly journal: MemoryJournal;
  readonly gate: HandGate;
  readonly notices: Notice[];
  readonly port: number;
}

const lanes: Lane[] = [];
const clients: Socket[] = [];

export async function openWorld(
  options: Partial<LaneOptions> & { readonly listen?: Address } = {},
): Promise<LaneWorld> {
  const journal = new MemoryJournal();
  const gate = new HandGate();
  const notices: Notice[] = [];
  let connections = 0;
  const lane = await openLane({
    id: 7,
    name: 'orders',
    address: { listen: options.listen ?? { port: 0 } },
    limits: { maxConnections: 64, idleMs: null },
    totalConnections: new ConnectionRoom(),
    journal,
    gate,
    clock: systemClock,
    random: () => 0.5,
    nextConnection: () => ++connections,
    chunkBytesMax: 256 * 1024,
    notify: (notice) => notices.push(notice),
    ...options,
  });
  lanes.push(lane);
  return { lane, journal, gate, notices, port: lane.address.port };
}

export async function dial(port: number, host = LOOPBACK): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  clients.push(socket);
  socket.on('error', () => {});
  await new Promise<void>((done) => socket.once('connect', done));
  return socket;
}

/** A client that saw the other side close, one way or the other. */
export function closed(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((done) => {
    if (socket.readableEnded || socket.destroyed) done();
    socket.once('end', done);
    socket.once('close', () => done());
  });
}

export async function closeWorlds(): Promise<void> {
  for (const socket of clients.splice(0)) socket.destroy();
  for (const lane of lanes.splice(0)) await lane.stop(0);
}
