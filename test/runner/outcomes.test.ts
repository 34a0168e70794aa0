/**
 * Whatever several receivers answer, and however often links, connections and the process itself are lost:
 * in the end every number was accepted once or is at the dead letter once, and the account adds up. Shard,
 * holds, exits and AMQP are the real ones; the clock is moved by hand and the disk is memory that outlives
 * a killed process.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AmqpListener, openAmqpListener } from '../../src/amqp/listener.ts';
import { ExitPorts } from '../../src/runner/exit-ports.ts';
import type { Shard } from '../../src/runner/shard.ts';
import { gapsIn } from '../../src/runner/status.ts';
import type { Disk, DiskFile } from '../../src/store/disk.ts';
import type { DiskHold } from '../../src/store/hold.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { exitStatus, openShard } from '../tools/flow-world.ts';
import { connect, disconnectAll, type Got, receive, type Taking } from '../tools/rhea-client.ts';

const MS = 1_000;
const topology = (hold: string): string => `
version: 1
name: outcomes
http: false
amqp: { listen: 0 }
vehicles:
  shop: { lanes: { words: { listen: 0, codec: text } } }
exits:
  out: { from: words, for: shop, delivery: { max_deliveries: 3, max_unsettled: 8 }, hold: { ${hold} } }
`;
/** No silence of a peer counts: the clock jumps. */
const NEVER = 2 ** 28;

/** The disk of one process: what it does after its death never ends and has no effect. */
class MortalDisk implements Disk {
  readonly #inner: Disk;
  dead = false;

  constructor(inner: Disk) {
    this.#inner = inner;
  }

  #alive<T>(call: () => Promise<T>): Promise<T> {
    return this.dead ? new Promise(() => {}) : call();
  }

  open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile> {
    return this.#alive(async () => {
      const file = await this.#inner.open(path, mode);
      return {
        write: (bytes, at) => this.#alive(() => file.write(bytes, at)),
        sync: () => this.#alive(() => file.sync()),
        read: (into, at) => this.#alive(() => file.read(into, at)),
        size: () => this.#alive(() => file.size()),
        truncate: (bytes) => this.#alive(() => file.truncate(bytes)),
        close: () => this.#alive(() => file.close()),
      };
    });
  }
  list(folder: string): Promise<readonly string[]> {
    return this.#alive(() => this.#inner.list(folder));
  }
  makeFolder(folder: string): Promise<void> {
    return this.#alive(() => this.#inner.makeFolder(folder));
  }
  rename(from: string, to: string): Promise<void> {
    return this.#alive(() => this.#inner.rename(from, to));
  }
  link(from: string, to: string): Promise<void> {
    return this.#alive(() => this.#inner.link(from, to));
  }
  remove(path: string): Promise<void> {
    return this.#alive(() => this.#inner.remove(path));
  }
  syncFolder(folder: string): Promise<void> {
    return this.#alive(() => this.#inner.syncFolder(folder));
  }
  space(folder: string): Promise<{ readonly free: number; readonly total: number }> {
    return this.#inner.space(folder);
  }
}

/** One process after another over the same disk, with the receivers attached to it. */
class Flow {
  readonly #memory = new MemoryDisk();
  #disk = new MortalDisk(this.#memory);
  #clock = new ManualClock(1_767_225_600_000_000);
  #shard: Shard | undefined;
  #listener: AmqpListener | undefined;
  readonly receivers = new Map<number, Receiver>();
  numbers = 0;
  #attached = 0;
  readonly #topology: string;

  constructor(hold = 'max_bytes: none') {
    this.#topology = topology(hold);
  }

  get shard(): Shard {
    if (this.#shard === undefined) throw new Error('it does not run');
    return this.#shard;
  }

  get #port(): number {
    return this.#listener?.address.port ?? 0;
  }

  async start(): Promise<void> {
    this.#disk = new MortalDisk(this.#memory);
    this.#clock = new ManualClock(this.#clock.now() + 10 * MS);
    const { shard } = await openShard(this.#disk, this.#clock, this.#topology);
    this.#shard = shard;
    const ports = new ExitPorts(shard);
    ports.update(shard.inForce);
    const exits = ports.list();
    this.#listener = await openAmqpListener({
      host: '127.0.0.1',
      port: 0,
      maxFrame: 65_536,
      clock: this.#clock,
      notify: () => {},
      exits: () => exits,
      suggest: () => undefined,
      limits: { idleMs: NEVER, stallMs: NEVER, lingerMs: NEVER, openMs: NEVER, saslMs: NEVER },
    });
    await shard.settled();
  }

  /** Ends in order, or is killed: then nothing of it reaches the disk any more. */
  async end(killed: boolean): Promise<void> {
    for (const receiver of this.receivers.values()) await this.sync(receiver);
    this.#disk.dead = killed;
    await this.#listener?.close(0);
    if (!killed) await this.shard.close();
    disconnectAll();
    this.receivers.clear();
  }

  hold(name: 'out' | 'dead_letter'): DiskHold {
    const { exits, deadLetter } = this.shard.plan;
    const hold = this.shard.holds.get(name === 'out' ? exits[0].id : deadLetter.id);
    if (hold === undefined) throw new Error(`${name} has no hold`);
    return hold;
  }

  async add(count: number): Promise<void> {
    const [{ id: lane }] = this.shard.plan.lanes;
    const connection = ++this.#attached + 1_000;
    this.shard.append({ kind: 'opened', lane, connection, peer: 'test' });
    const lines = Array.from({ length: count }, (_, i) => `word ${(this.numbers + i) % 4}\n`);
    const bytes = Buffer.from(lines.join(''));
    this.shard.append({ kind: 'chunk', lane, connection, bytes });
    this.numbers += count;
    await this.shard.settled();
  }

  /** Time passes while one waits. */
  async until(met: () => boolean, ms = 1): Promise<void> {
    while (!met()) await this.pass(ms);
  }

  async pass(ms: number): Promise<void> {
    this.#clock.advance(this.#clock.now() + ms * MS);
    await new Promise(setImmediate);
  }

  /** Attaches under the name of the slot; who was there is stolen from. */
  async attach(
    slot: number,
    credit: number,
    how: { address?: string; accept?: boolean; second?: boolean } = {},
  ): Promise<Receiver> {
    const { address = 'out', accept = false, second = false } = how;
    const older = this.receivers.get(slot);
    if (older !== undefined) await this.sync(older);
    const container = `receiver-${slot}`;
    const connection = await connect(this.#port, { container_id: container });
    const taking = receive(connection, {
      address,
      credit,
      name: 'link',
      accept,
      attach: { rcv_settle_mode: second ? 1 : 0 },
    });
    await this.until(() => taking.receiver.is_open());
    const { socket } = connection as unknown as { socket: { destroy(): void } };
    const receiver = {
      container,
      taking,
      open: new Set<Got>(),
      seen: 0,
      drop: () => socket.destroy(),
    };
    this.receivers.set(slot, receiver);
    return receiver;
  }

  link(receiver: Receiver) {
    return this.#listener?.links().find(({ container }) => container === receiver.container);
  }

  /** Until we know of every answer, and the receiver of every message. */
  async sync(receiver: Receiver): Promise<void> {
    await this.until(() => inHand(receiver).size === this.link(receiver)?.unsettled);
    await this.pass(1);
    await this.pass(1);
  }

  async leave(slot: number, how: 'detach' | 'drop'): Promise<void> {
    const receiver = this.receivers.get(slot);
    if (receiver === undefined) return;
    await this.sync(receiver);
    if (how === 'detach') receiver.taking.receiver.close();
    else receiver.drop();
    this.receivers.delete(slot);
    await this.until(() => this.link(receiver) === undefined);
  }
}

interface Receiver {
  readonly container: string;
  readonly taking: Taking;
  /** What it has and did not answer. */
  readonly open: Set<Got>;
  seen: number;
  drop(): void;
}

function inHand(receiver: Receiver): ReadonlySet<Got> {
  const { got } = receiver.taking;
  for (; receiver.seen < got.length; receiver.seen++) receiver.open.add(got[receiver.seen]);
  return receiver.open;
}

const ANSWERS = ['accept', 'release', 'reject', 'fail', 'elsewhere', 'both'] as const;
type Answer = (typeof ANSWERS)[number];

function answer(got: Got, how: Answer): void {
  if (how === 'accept') got.accept();
  else if (how === 'release') got.release();
  else if (how === 'reject') got.reject();
  else got.modify({ delivery_failed: how !== 'elsewhere', undeliverable_here: how !== 'fail' });
}

const slot = fc.nat(2);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('attach' as const),
      slot,
      credit: fc.constantFrom(0, 1, 2, 7, 1_000),
      second: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('credit' as const),
      slot,
      credit: fc.constantFrom(1, 3, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), slot }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      slot,
      which: fc.nat(7),
      how: fc.constantFrom(...ANSWERS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      slot,
      how: fc.constantFrom('detach' as const, 'drop' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 100, 1_000, 2_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restart' as const), killed: fc.boolean() }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** @param accepted the numbers that were accepted, as often as they were */
async function take(flow: Flow, one: Step, accepted: number[]): Promise<void> {
  if (one.do === 'wait') return flow.pass(one.ms);
  if (one.do === 'add') return flow.add(one.count);
  if (one.do === 'restart') {
    await flow.end(one.killed);
    return flow.start();
  }
  if (one.do === 'attach') {
    await flow.attach(one.slot, one.credit, { second: one.second });
    return;
  }
  if (one.do === 'leave') return flow.leave(one.slot, one.how);
  const attached = [...flow.receivers.values()];
  if (attached.length === 0) return;
  const receiver = attached[one.slot % attached.length];
  const { taking } = receiver;
  if (one.do === 'credit') taking.receiver.add_credit(one.credit);
  else if (one.do === 'drain') {
    const { drained } = taking;
    taking.receiver.drain_credit();
    await flow.until(() => taking.drained > drained);
    taking.receiver.drain = false;
  } else {
    const inHands = [...inHand(receiver)];
    if (inHands.length === 0) return flow.pass(1);
    const got = inHands[one.which % inHands.length];
    receiver.open.delete(got);
    answer(got, one.how);
    if (one.how === 'accept') accepted.push(got.id);
  }
  await flow.pass(1);
}

/** Receivers that accept everything take what is left. @returns the first of them, and the numbers of dead letters */
async function cleared(
  flow: Flow,
  accepted: number[],
): Promise<{ readonly last: Receiver; readonly moved: readonly number[] }> {
  for (const at of [...flow.receivers.keys()]) await flow.leave(at, 'drop');
  const last = await flow.attach(9, 1_000, { accept: true });
  await flow.until(() => flow.hold('out').held === 0, 100);
  await flow.pass(1);
  const letters = await flow.attach(8, 1_000, { address: 'dead_letter', accept: true });
  await flow.until(() => flow.hold('dead_letter').held === 0, 100);
  accepted.push(...last.taking.got.map(({ id }) => id));
  return { last, moved: letters.taking.got.map(({ body }) => Number(Object(body).id)) };
}

const HOLDS = [
  'ttl: 3s',
  'max_records: 9, on_full: drop_oldest',
  'max_records: 9, on_full: dead_letter',
  'keep: latest, key: line, ttl: 4s',
  'keep: latest, key: line, max_records: 2, on_full: dead_letter',
];

afterEach(() => disconnectAll());

describe('the outcomes of many', () => {
  test('every number is accepted once or is at the dead letter once, whatever happened', async () => {
    const seen = { accepted: 0, moved: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }),
        async (steps) => {
          const flow = new Flow();
          await flow.start();
          await flow.add(12);
          const accepted: number[] = [];
          for (const one of steps) await take(flow, one, accepted);

          const { last, moved } = await cleared(flow, accepted);
          const all = Array.from({ length: flow.numbers }, (_, i) => i + 1);
          expect([...accepted, ...moved].sort((a, b) => a - b)).toEqual(all);
          expect(flow.hold('out').counts()).toMatchObject({
            numbered: flow.numbers,
            delivered: accepted.length,
            moved: moved.length,
            held: 0,
          });
          expect(gapsIn(exitStatus(flow.shard))).toEqual([]);
          last.open.clear();
          flow.receivers.clear();
          await flow.end(false);
          seen.accepted += accepted.length;
          seen.moved += moved.length;
        },
      ),
      { numRuns: 25 },
    );
    expect(seen.accepted).toBeGreaterThan(200);
    expect(seen.moved).toBeGreaterThan(10);
  }, 60_000);

  test('nor does a bound of the hold take what is in hand: every number is accounted for once', async () => {
    const seen = { accepted: 0, moved: 0, expired: 0, dropped: 0, superseded: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...HOLDS),
        fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }),
        async (hold, steps) => {
          const flow = new Flow(hold);
          await flow.start();
          await flow.add(12);
          const accepted: number[] = [];
          for (const one of steps) await take(flow, one, accepted);

          const { last, moved } = await cleared(flow, accepted);
          // What was accepted counts as delivered, never as anything else that may have become of it.
          const counts = flow.hold('out').counts();
          expect(new Set([...accepted, ...moved]).size).toBe(accepted.length + moved.length);
          const { expired, dropped, superseded } = counts;
          expect(counts).toMatchObject({
            numbered: flow.numbers,
            delivered: accepted.length,
            moved: moved.length,
            held: 0,
          });
          expect(accepted.length + moved.length + expired + dropped + superseded).toBe(
            flow.numbers,
          );
          expect(gapsIn(exitStatus(flow.shard))).toEqual([]);
          last.open.clear();
          flow.receivers.clear();
          await flow.end(false);
          seen.accepted += accepted.length;
          seen.moved += moved.length;
          seen.expired += expired;
          seen.dropped += dropped;
          seen.superseded += superseded;
        },
      ),
      { numRuns: 25 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  }, 60_000);
});
