/**
 * A flow through an engine, without log, disk or clock: traffic of lanes in, messages of exits out, each
 * decoded by somebody else's decoder.
 */
import rhea from 'rhea';
import type { Account } from '../../src/engine/account.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import type { Micros } from '../../src/stream/time.ts';
import type { Plan } from '../../src/topology/plan.ts';
import { topologyOf } from './flow-world.ts';
import { Rewiring } from './rewiring.ts';

export const START = 1_767_225_600_000_000;

/** The flow is edited after each of so many chunks. */
const EDIT_EACH = 5;

/** What a lane receives at once; a chunk may end inside of a line. */
export interface Chunk {
  readonly lane: string;
  readonly bytes: Uint8Array;
}

class ListHold implements Hold {
  next = 1;
  readonly messages: { readonly bytes: string; readonly body: Record<string, unknown> }[] = [];

  append({ first, count, bytes, ends }: Bodies): void {
    if (first !== this.next) throw new Error(`message ${first} where ${this.next} was due`);
    this.next += count;
    for (let i = 0; i < count; i++) {
      const message = Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
      const body: Record<string, unknown> = rhea.message.decode(message)['body'];
      this.messages.push({ bytes: message.toString('hex'), body: { ...body } });
    }
  }
}

export class EngineRun {
  readonly plan: Plan;
  readonly log: LogEntry[] = [];
  readonly #engine: Engine;
  readonly #holds: ReadonlyMap<number, ListHold>;
  readonly #rewiring: Rewiring;
  #chunks = 0;
  now: Micros = START;
  /** No number of a connection is used twice. */
  #first = 0;

  /** @param random bytes that ids, and so the seed of hashes, are made of */
  constructor(text: string, random = 7) {
    this.#rewiring = new Rewiring(topologyOf(text), (bytes) => new Uint8Array(bytes).fill(random));
    [this.plan] = this.#rewiring.plans;
    this.#holds = this.#rewiring.holds(() => new ListHold());
    this.#engine = new Engine({ plan: this.plan, start: START, holds: this.#holds, seed: 1 });
  }

  /** Each lane has one connection. */
  open(): this {
    this.#first += this.plan.lanes.length;
    for (const { id } of this.plan.lanes) {
      this.#append({ kind: 'opened', lane: id, connection: this.#first + id, peer: 'test' });
    }
    return this;
  }

  /** Another process goes on with the log. */
  restart(): void {
    this.#append({ kind: 'restart' });
  }

  chunk({ lane, bytes }: Chunk): void {
    const id = this.#lane(lane);
    this.#append({ kind: 'chunk', lane: id, connection: this.#first + id, bytes });
    if (++this.#chunks % EDIT_EACH === 0) this.#append({ kind: 'commit' });
    this.now += 1000;
  }

  /** Lets time pass; what falls due on the way does so. */
  wait(micros: Micros): void {
    this.now += micros;
    this.#append({ kind: 'tick' });
  }

  /** The vehicle of a lane comes to the end of its run. */
  end(lane: string): void {
    const id = this.#lane(lane);
    this.#append({ kind: 'closed', lane: id, connection: this.#first + id, how: 'end' });
  }

  /** Ends every lane: all that is open closes. */
  close(): void {
    for (const { id } of this.plan.lanes) {
      this.#append({ kind: 'closed', lane: id, connection: this.#first + id, how: 'end' });
    }
    for (const { id } of this.plan.lanes) this.#append({ kind: 'close', lane: id });
  }

  replay(log: readonly LogEntry[]): void {
    for (const entry of log) this.#feed(entry);
  }

  account(): Account {
    return this.#engine.account();
  }

  due(): Micros {
    return this.#engine.due();
  }

  messages(exit: string): Record<string, unknown>[] {
    return this.#hold(exit).messages.map(({ body }) => body);
  }

  bytes(exit: string): string[] {
    return this.#hold(exit).messages.map(({ bytes }) => bytes);
  }

  #append(entry: object): void {
    const whole = { lsn: this.log.length + 1, at: this.now, ...entry } as LogEntry;
    this.log.push(whole);
    this.#feed(whole);
  }

  #feed(entry: LogEntry): void {
    if (entry.kind === 'commit') this.#rewiring.edit(this.#engine, entry.at);
    this.#engine.feed(entry);
  }

  #lane(name: string): number {
    const lane = this.plan.lanes.find((one) => one.name === name);
    if (lane === undefined) throw new Error(`no lane ${name}`);
    return lane.id;
  }

  #hold(exit: string): ListHold {
    const { exits, deadLetter } = this.plan;
    const found = exit === 'dead_letter' ? deadLetter : exits.find((one) => one.name === exit);
    const hold = found && this.#holds.get(found.id);
    if (hold === undefined) throw new Error(`no exit ${exit}`);
    return hold;
  }
}

/** Lines as chunks that end anywhere, sizes taken in turn. */
export function cutLines(
  lane: string,
  lines: readonly string[],
  sizes: readonly number[],
): Chunk[] {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const chunks: Chunk[] = [];
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = Math.min(bytes.length, from + sizes[i % sizes.length]);
    chunks.push({ lane, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return chunks;
}

/** The on-time rows of a lane: late iff time <= newest - delay - 1 us, tested before it counts. */
export function onTime<T>(rows: readonly T[], time: (row: T) => Micros, delay: Micros): T[] {
  let newest = Number.NEGATIVE_INFINITY;
  return rows.filter((row) => {
    const late = time(row) <= newest - delay - 1;
    if (!late) newest = Math.max(newest, time(row));
    return !late;
  });
}
