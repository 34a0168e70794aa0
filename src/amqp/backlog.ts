/**
 * The order in which the messages of one exit are offered: by number, what came back before what was
 * never offered, except that what was refused waits a while and lets others go first. It holds numbers
 * only; memory grows with what came back, never with what is held. It alone knows what is in hand, and so
 * tells the hold what may go.
 */
import type { HeldMessages, Offerer, Sequence } from '../stream/port.ts';
import { NumberHeap } from './number-heap.ts';

/** A receiver that released a message gets others first, for this long. */
const RELEASED_MS = 100;

/** Clocks wake less than a millisecond early; what is due within one is due. */
const EARLY_MS = 1;

/** One who takes messages, told apart by identity only. */
export type Taker = object;

/** Numbers that came back and are kept from the same takers: from none, for all but a few. */
interface Group {
  readonly without: ReadonlySet<Taker>;
  /** May also name numbers that left; `#places` decides. */
  readonly heap: NumberHeap<Sequence>;
}

interface Wait {
  readonly sequence: Sequence;
  /** Whom it is kept from until then; undefined: from all. */
  readonly taker: Taker | undefined;
}

export class Backlog implements Offerer {
  readonly #messages: HeldMessages;
  #cursor: Sequence = 1; // numbers from here on were never offered
  readonly #groups = new Map<string, Group>();
  /** The group of each number that may be taken. */
  readonly #places = new Map<Sequence, Group>();
  readonly #waits = new Map<Sequence, Wait>();
  /** The same by the time when the wait ends, in elapsed ms; may name waits that were cut short. */
  readonly #ends = new NumberHeap<Wait>();
  /** Who can never take a number. */
  readonly #barred = new Map<Sequence, Set<Taker>>();
  /** Takers that numbers are or were kept from get a number of their own, which names their groups. */
  readonly #takers = new Map<Taker, number>();
  #named = 0;
  readonly #attempts = new Map<Sequence, number>(); // of what came back and is not settled

  constructor(messages: HeldMessages) {
    this.#messages = messages;
    messages.offeredBy(this);
  }

  /** When the next delayed message is due, in elapsed milliseconds; undefined: none waits. */
  get due(): number | undefined {
    return this.#ends.least;
  }

  /** How often a message was offered before; by a process before this one, how often that failed. */
  attempts(sequence: Sequence): number {
    if (sequence >= this.#cursor) return this.#messages.charges(sequence);
    return this.#attempts.get(sequence) ?? 0;
  }

  /** The number this taker gets next; undefined: none now. It stays until `take`. */
  next(taker: Taker): Sequence | undefined {
    let least = Number.POSITIVE_INFINITY;
    for (const [key, group] of this.#groups) {
      if (group.without.has(taker)) continue;
      const first = this.#leastOf(group);
      if (first === undefined) this.#groups.delete(key);
      else least = Math.min(least, first);
    }
    return least === Number.POSITIVE_INFINITY ? this.#messages.firstHeld(this.#cursor) : least;
  }

  /** The number that `next` gave is on its way. */
  take(sequence: Sequence): void {
    if (sequence >= this.#cursor) {
      const before = this.attempts(sequence);
      if (before > 0) this.#attempts.set(sequence, before);
      this.#cursor = sequence + 1;
      return;
    }
    this.#places.delete(sequence);
    this.#waits.delete(sequence);
  }

  /** Settled for good, or about to be. */
  forget(sequence: Sequence): void {
    this.#attempts.delete(sequence);
    this.#barred.delete(sequence);
  }

  /** What was never offered is not remembered here: the hold itself gives it no more. */
  giveUp(sequence: Sequence): boolean {
    if (sequence >= this.#cursor) return true;
    const isPlaced = this.#places.delete(sequence);
    const waits = this.#waits.delete(sequence);
    if (!isPlaced && !waits) return false;
    this.forget(sequence);
    return true;
  }

  /** Back to its place at once. */
  restore(sequence: Sequence): void {
    this.#count(sequence);
    this.#put(sequence);
    this.#messages.cameBack(sequence);
  }

  /** Back, but not to this taker for a while. */
  release(sequence: Sequence, taker: Taker, now: number): void {
    this.#count(sequence);
    this.#wait(now + RELEASED_MS, { sequence, taker });
    this.#put(sequence);
    this.#messages.cameBack(sequence);
  }

  /** Back, but to nobody for so many milliseconds. */
  delay(sequence: Sequence, ms: number, now: number): void {
    this.#count(sequence);
    this.#wait(now + ms, { sequence, taker: undefined });
    this.#messages.cameBack(sequence);
  }

  /** This taker will never get it. It is in hand and comes back by another call. */
  bar(sequence: Sequence, taker: Taker): void {
    this.#nameOf(taker);
    const barred = this.#barred.get(sequence);
    if (barred === undefined) this.#barred.set(sequence, new Set([taker]));
    else barred.add(taker);
  }

  /** Lets go of what has waited long enough by `now`. */
  ripen(now: number): void {
    while (this.#ends.least !== undefined && this.#ends.least <= now + EARLY_MS) {
      const wait = this.#ends.pop();
      if (wait === undefined || this.#waits.get(wait.sequence) !== wait) continue;
      this.#waits.delete(wait.sequence);
      this.#put(wait.sequence);
    }
  }

  /** The taker is gone; what was kept from it waits for nobody any more. */
  leave(taker: Taker): void {
    if (!this.#takers.delete(taker)) return;
    for (const [sequence, barred] of this.#barred) {
      if (barred.delete(taker) && barred.size === 0) this.#barred.delete(sequence);
    }
    for (const [sequence, wait] of this.#waits) {
      if (wait.taker === taker) this.#waits.delete(sequence);
    }
    const kept = [...this.#places].filter(([, { without }]) => without.has(taker));
    for (const [sequence] of kept) this.#put(sequence);
    for (const [key, { without }] of this.#groups) if (without.has(taker)) this.#groups.delete(key);
  }

  #count(sequence: Sequence): void {
    this.#attempts.set(sequence, this.attempts(sequence) + 1);
  }

  #wait(until: number, wait: Wait): void {
    this.#waits.set(wait.sequence, wait);
    this.#ends.push(until, wait);
  }

  /** Into the group of those it is kept from now. */
  #put(sequence: Sequence): void {
    const group = this.#groupOf(this.#keptFrom(sequence));
    this.#places.set(sequence, group);
    group.heap.push(sequence, sequence);
  }

  #keptFrom(sequence: Sequence): readonly Taker[] {
    const barred = this.#barred.get(sequence);
    const taker = this.#waits.get(sequence)?.taker;
    if (barred === undefined) return taker === undefined ? [] : [taker];
    return taker === undefined || barred.has(taker) ? [...barred] : [...barred, taker];
  }

  #groupOf(takers: readonly Taker[]): Group {
    const key = takers
      .map((taker) => this.#nameOf(taker))
      .sort((a, b) => a - b)
      .join();
    const group = this.#groups.get(key) ?? { without: new Set(takers), heap: new NumberHeap() };
    this.#groups.set(key, group);
    return group;
  }

  #nameOf(taker: Taker): number {
    const name = this.#takers.get(taker) ?? ++this.#named;
    this.#takers.set(taker, name);
    return name;
  }

  #leastOf(group: Group): Sequence | undefined {
    const { heap } = group;
    while (heap.least !== undefined && this.#places.get(heap.least) !== group) heap.pop();
    return heap.least;
  }
}
