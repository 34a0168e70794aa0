/**
 * The order in which the messages of one exit are offered: by number, what came back before what was
 * never offered, except that what was refused waits a while and lets others go first. It holds numbers
 * only; memory grows with what came back, never with what is held.
 */
import type { HeldMessages, Sequence } from '../stream/port.ts';
import { NumberHeap } from './number-heap.ts';

/** A receiver that released a message gets others first, for this long. */
const RELEASED_MS = 100;

/** A receiver that failed on a message, or refused it, may need time to recover. */
const FAILED_MS = 1_000;

/** Clocks wake less than a millisecond early; what is due within one is due. */
const EARLY_MS = 1;

/** One who takes messages, told apart by identity only. */
export type Taker = object;

/** Numbers that leave in order, or by name: the heap may lag behind the set. */
class Aside {
  readonly #heap = new NumberHeap<Sequence>();
  readonly #numbers = new Map<Sequence, number>(); // until when each stays, in elapsed ms

  add(sequence: Sequence, until: number): void {
    this.#heap.push(sequence, sequence);
    this.#numbers.set(sequence, until);
  }

  /** Takes a number out whose time has come; one that left and came again has another time. */
  ripen(sequence: Sequence, until: number): boolean {
    return this.#numbers.get(sequence) === until && this.#numbers.delete(sequence);
  }

  delete(sequence: Sequence): void {
    this.#numbers.delete(sequence);
  }

  get least(): number | undefined {
    while (this.#heap.least !== undefined && !this.#numbers.has(this.#heap.least)) this.#heap.pop();
    return this.#heap.least;
  }

  all(): Iterable<Sequence> {
    return this.#numbers.keys();
  }
}

interface Delayed {
  readonly sequence: Sequence;
  /** Where it waits: with the taker that released it, or (undefined) with nobody. */
  readonly taker: Taker | undefined;
  readonly until: number;
}

export class Backlog {
  readonly #messages: HeldMessages;
  #cursor: Sequence = 1; // numbers from here on were never offered
  readonly #returned = new NumberHeap<Sequence>();
  /** What a taker released: others may have it at once, the taker itself when its time has come. */
  readonly #aside = new Map<Taker, Aside>();
  readonly #delayed = new NumberHeap<Delayed>(); // by the time when its wait ends, in elapsed ms
  readonly #attempts = new Map<Sequence, number>(); // of what came back and is not settled

  constructor(messages: HeldMessages) {
    this.#messages = messages;
  }

  /** When the next delayed message is due, in elapsed milliseconds; undefined: none waits. */
  get due(): number | undefined {
    return this.#delayed.least;
  }

  /** How often a message was offered before. */
  attempts(sequence: Sequence): number {
    return this.#attempts.get(sequence) ?? 0;
  }

  /** The number this taker gets next; undefined: none now. It stays until `take`. */
  next(taker: Taker): Sequence | undefined {
    let least = this.#returned.least ?? Number.POSITIVE_INFINITY;
    for (const [other, aside] of this.#aside) {
      if (other !== taker) least = Math.min(least, aside.least ?? least);
    }
    return least === Number.POSITIVE_INFINITY ? this.#messages.firstHeld(this.#cursor) : least;
  }

  /** The number that `next` gave is on its way. */
  take(sequence: Sequence): void {
    if (sequence >= this.#cursor) {
      this.#cursor = sequence + 1;
    } else if (this.#returned.least === sequence) {
      this.#returned.pop();
    } else {
      for (const aside of this.#aside.values()) aside.delete(sequence);
    }
  }

  /** Settled for good. */
  forget(sequence: Sequence): void {
    this.#attempts.delete(sequence);
  }

  /** Back to its place at once: its link is gone. */
  restore(sequence: Sequence): void {
    this.#count(sequence);
    this.#returned.push(sequence, sequence);
  }

  /** Back, but not to this taker for a while. */
  release(sequence: Sequence, taker: Taker, now: number): void {
    this.#count(sequence);
    const aside = this.#aside.get(taker) ?? new Aside();
    this.#aside.set(taker, aside);
    const until = now + RELEASED_MS;
    aside.add(sequence, until);
    this.#delayed.push(until, { sequence, taker, until });
  }

  /** Back, but to nobody for a while. */
  delay(sequence: Sequence, now: number): void {
    this.#count(sequence);
    const until = now + FAILED_MS;
    this.#delayed.push(until, { sequence, taker: undefined, until });
  }

  /** Lets go of what has waited long enough by `now`. */
  ripen(now: number): void {
    while (this.#delayed.least !== undefined && this.#delayed.least <= now + EARLY_MS) {
      const ripe = this.#delayed.pop();
      if (ripe === undefined) return;
      const { sequence, taker, until } = ripe;
      if (taker === undefined || this.#aside.get(taker)?.ripen(sequence, until)) {
        this.#returned.push(sequence, sequence);
      }
    }
  }

  /** The taker is gone; what it released waits for nobody any more. */
  leave(taker: Taker): void {
    const numbers = this.#aside.get(taker)?.all() ?? [];
    for (const sequence of numbers) this.#returned.push(sequence, sequence);
    this.#aside.delete(taker);
  }

  #count(sequence: Sequence): void {
    this.#attempts.set(sequence, this.attempts(sequence) + 1);
  }
}
