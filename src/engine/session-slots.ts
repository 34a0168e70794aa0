/**
 * The memory of sessions, by id: their times, the order in which they came, and what each has accumulated.
 * Ids that are given back serve again; a new session finds its slot empty.
 */
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import { growAccumulator, newAccumulator, rearrange } from './accumulators.ts';

const FIRST_SESSIONS = 16;

export class SessionSlots {
  accumulators: readonly Accumulator[];
  /** Times of the first and the last record. These arrays are replaced when they grow. */
  firsts = new Float64Array(FIRST_SESSIONS);
  lasts = new Float64Array(FIRST_SESSIONS);
  /** How many sessions came before it: who is first by arrival. -1: no session has this slot. */
  orders = new Float64Array(FIRST_SESSIONS);
  /** Its key, and the next older session of that key; -1: there is none. */
  keys = new Int32Array(FIRST_SESSIONS);
  older = new Int32Array(FIRST_SESSIONS);
  /** Edits that lay behind when it came. */
  opened = new Int32Array(FIRST_SESSIONS);
  #room = FIRST_SESSIONS;
  #used = 0;
  #came = 0;
  readonly #free: number[] = [];
  readonly #seed: number;

  /** @param seed of hashes of what is collected */
  constructor(kinds: readonly AccumulatorKind[], seed: number) {
    this.#seed = seed;
    this.accumulators = kinds.map((kind) => newAccumulator(kind, FIRST_SESSIONS, seed));
  }

  /** Sessions that have a slot. */
  get taken(): number {
    return this.#used - this.#free.length;
  }

  /** @returns the id of a session of one record */
  take(key: number, time: number, opened: number): number {
    const id = this.#free.pop() ?? this.#used++;
    if (id === this.#room) this.#grow();
    this.firsts[id] = time;
    this.lasts[id] = time;
    this.orders[id] = this.#came++;
    this.keys[id] = key;
    this.opened[id] = opened;
    return id;
  }

  giveBack(id: number): void {
    this.orders[id] = -1;
    for (const { kind, values } of this.accumulators) {
      // A call of `fill` for one place would cost more than all the rest.
      if (kind === 'number' || kind === 'flag') values[id] = 0;
      else values[id] = null;
    }
    this.#free.push(id);
  }

  adapt(kinds: readonly AccumulatorKind[], from: readonly number[]): void {
    this.accumulators = rearrange(this.accumulators, kinds, from, this.#room, this.#seed);
  }

  #grow(): void {
    this.#room *= 2;
    this.firsts = larger(this.firsts, new Float64Array(this.#room));
    this.lasts = larger(this.lasts, new Float64Array(this.#room));
    this.orders = larger(this.orders, new Float64Array(this.#room));
    this.keys = larger(this.keys, new Int32Array(this.#room));
    this.older = larger(this.older, new Int32Array(this.#room));
    this.opened = larger(this.opened, new Int32Array(this.#room));
    for (const accumulator of this.accumulators) growAccumulator(accumulator, this.#room);
  }
}

function larger<Values extends Float64Array | Int32Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
