/**
 * The whole engine over lines of one lane, cut into chunks anywhere, log time passing between them: what its
 * exits hold, decoded by somebody else's decoder, and the bytes as they are.
 */
import rhea from 'rhea';
import { Engine } from '../../src/engine/engine.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import type { Micros } from '../../src/stream/time.ts';
import { END } from '../../src/stream/watermark.ts';
import type { Plan } from '../../src/topology/plan.ts';
import { topologyOf } from './flow-world.ts';
import { Rewiring } from './rewiring.ts';

export const START: Micros = 1_767_225_600_000_000;

/** The flow is edited after each of so many chunks. */
const EDIT_EACH = 5;

export interface Message {
  readonly id: number;
  /** Log time at which it left. */
  readonly left: Micros;
  readonly body: Readonly<Record<string, unknown>>;
}

class ListHold implements Hold {
  next = 1;
  readonly bytes: Buffer[] = [];
  readonly messages: Message[] = [];
  readonly #now: () => Micros;

  constructor(now: () => Micros) {
    this.#now = now;
  }

  append({ count, bytes, ends }: Bodies): void {
    for (let i = 0; i < count; i++) {
      const body = Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
      this.bytes.push(body);
      const message = rhea.message.decode(body);
      const id = Number(message['message_id']);
      this.next++;
      this.messages.push({ id, left: this.#now(), body: message['body'] });
    }
  }
}

export class OneLaneRun {
  /** Every entry so far. */
  readonly log: LogEntry[] = [];
  readonly engine: Engine;
  readonly #plan: Plan;
  readonly #holds: ReadonlyMap<number, ListHold>;
  readonly #rewiring: Rewiring;
  now: Micros = START;

  constructor(text: string) {
    this.#rewiring = new Rewiring(topologyOf(text), (bytes) => new Uint8Array(bytes));
    [this.#plan] = this.#rewiring.plans;
    this.#holds = this.#rewiring.holds(() => new ListHold(() => this.now));
    this.engine = new Engine({ plan: this.#plan, start: START, holds: this.#holds, seed: 1 });
  }

  /** The first exit's messages. */
  get messages(): readonly Message[] {
    return this.#first.messages;
  }

  get bytes(): readonly Buffer[] {
    return this.#first.bytes;
  }

  entry(entry: object): void {
    this.feed({ lsn: this.log.length + 1, at: this.now, ...entry } as LogEntry);
  }

  feed(entry: LogEntry): void {
    this.now = entry.at;
    this.log.push(entry);
    if (entry.kind === 'commit') this.#rewiring.edit(this.engine, entry.at);
    this.engine.feed(entry);
  }

  open(): void {
    this.entry({ kind: 'opened', lane: this.#lane, connection: 1, peer: 'test' });
  }

  chunk(text: string | Buffer): void {
    this.entry({ kind: 'chunk', lane: this.#lane, connection: 1, bytes: Buffer.from(text) });
  }

  /** Lets log time pass as a runner does: with a tick at each time that something is due. */
  wait(time: Micros): void {
    const to = this.now + time;
    for (let due = this.engine.due(); due <= to; due = this.engine.due()) {
      this.now = due;
      this.entry({ kind: 'tick' });
    }
    this.now = to;
  }

  /** The end of the run and of all input. */
  close(): void {
    this.entry({ kind: 'closed', lane: this.#lane, connection: 1, how: 'end' });
    this.entry({ kind: 'close', lane: this.#lane });
  }

  /** An end of the run that closes what it has opened, and no more. */
  finish(): void {
    this.entry({ kind: 'finish', lane: this.#lane });
  }

  get idle(): boolean {
    return this.engine.due() === END;
  }

  get #first(): ListHold {
    const hold = this.#holds.get(this.#plan.exits[0].id);
    if (hold === undefined) throw new Error('the flow has an exit');
    return hold;
  }

  get #lane(): number {
    return this.#plan.lanes[0].id;
  }
}

/** Feeds lines cut into chunks of `cuts` bytes with `waits` between them, in turn, and closes the flow. */
export function runLines(
  text: string,
  lines: readonly string[],
  cuts: readonly number[],
  waits: readonly Micros[] = [1000],
): OneLaneRun {
  const run = new OneLaneRun(text);
  run.open();
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = Math.min(bytes.length, from + cuts[i % cuts.length]);
    run.chunk(bytes.subarray(from, to));
    run.wait(waits[i % waits.length]);
    if (i % EDIT_EACH === EDIT_EACH - 1) run.entry({ kind: 'commit' });
    from = to;
  }
  run.close();
  return run;
}

/** The bytes that the same log gives a second time. */
export function replayed(text: string, log: readonly LogEntry[]): readonly Buffer[] {
  const run = new OneLaneRun(text);
  for (const entry of log) run.feed(entry);
  return run.bytes;
}
