/** A hold in memory that really stores, offers and settles; what it has forgotten is an error to ask for. */
import rhea from 'rhea';
import type { Cancel, HeldMessages, Offerer, Sequence, Slice } from '../../src/stream/port.ts';

/** rhea puts an empty header in front; the stored sections have none. */
const EMPTY_HEADER_BYTES = 4;

export class MemoryHold implements HeldMessages {
  readonly #bodies = new Map<Sequence, Buffer>();
  readonly #listeners = new Set<() => void>();
  /** How often each number was settled. */
  readonly settled = new Map<Sequence, number>();
  readonly #charges = new Map<Sequence, number>();
  #offerer: Offerer | undefined;
  reads = 0;
  written: Sequence = 0;

  get held(): number {
    return this.#bodies.size;
  }

  /** Adds messages with these bodies, numbered on. */
  add(...bodies: unknown[]): void {
    for (const body of bodies) {
      const encoded = rhea.message.encode({ message_id: this.written + 1, body } as never);
      this.#bodies.set(
        this.written + 1,
        Buffer.from(encoded as Buffer).subarray(EMPTY_HEADER_BYTES),
      );
      this.written++;
    }
    for (const call of this.#listeners) call();
  }

  /** Adds `count` messages whose body is a map with their number. */
  fill(count: number): void {
    this.add(
      ...Array.from({ length: count }, (_, i) => ({
        n: rhea.types.wrap_long(this.written + i + 1),
      })),
    );
  }

  firstHeld(from: Sequence): Sequence | undefined {
    for (let n = from; n <= this.written; n++) if (this.#bodies.has(n)) return n;
    return undefined;
  }

  async read(from: Sequence, maxBytes: number): Promise<Slice> {
    this.reads++;
    if (!this.#bodies.has(from)) throw new Error(`message ${from} is not held`);
    const parts: Buffer[] = [];
    const ends: number[] = [];
    let bytes = 0;
    for (let n = from; n <= this.written && (parts.length === 0 || bytes < maxBytes); n++) {
      const body = this.#bodies.get(n) ?? Buffer.alloc(0);
      bytes += body.length;
      parts.push(body);
      ends.push(bytes);
    }
    await new Promise((resolve) => setImmediate(resolve));
    return {
      first: from,
      count: parts.length,
      bytes: Buffer.concat(parts),
      ends: Int32Array.from(ends),
    };
  }

  settle(first: Sequence, last: Sequence): void {
    for (let n = first; n <= last; n++) {
      this.settled.set(n, (this.settled.get(n) ?? 0) + 1);
      this.#charges.delete(n);
      if (!this.#bodies.delete(n)) throw new Error(`message ${n} is settled twice`);
    }
  }

  /** Resolves when what was settled would be durable; a test may take its time. */
  synced: () => Promise<void> = () => Promise.resolve();

  charges(sequence: Sequence): number {
    return this.#charges.get(sequence) ?? 0;
  }

  charge(sequence: Sequence): number {
    if (!this.#bodies.has(sequence)) throw new Error(`message ${sequence} is not held`);
    const charges = this.charges(sequence) + 1;
    this.#charges.set(sequence, charges);
    return charges;
  }

  /** Drops a message as a hold that is full does. @returns false: it is in hand */
  drop(sequence: Sequence): boolean {
    if (this.#offerer?.giveUp(sequence) === false) return false;
    return this.#bodies.delete(sequence);
  }

  offeredBy(offerer: Offerer): void {
    this.#offerer = offerer;
  }

  /** What came back, in order. */
  readonly back: Sequence[] = [];

  cameBack(sequence: Sequence): void {
    this.back.push(sequence);
  }

  onWritten(call: () => void): Cancel {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }
}
