/**
 * Which message of each key is the newest that is held. Two messages have the same key when all bytes of it
 * are equal; nothing is ever taken for another by a hash. It grows with the keys that are held, and with
 * outdated messages that are in a receiver's hand.
 */
import type { Sequence } from '../stream/port.ts';

export class Latest {
  /** Held, and a newer one of their key is held. */
  readonly outdated = new Set<Sequence>();
  readonly #newest = new Map<string, Sequence>();
  /** The key of each message that is the newest of one. */
  readonly #keys = new Map<Sequence, string>();

  /** A message is held, newer than all noted before. */
  note(sequence: Sequence, key: string): void {
    const before = this.#newest.get(key);
    if (before !== undefined) {
      this.#keys.delete(before);
      this.outdated.add(before);
    }
    this.#newest.set(key, sequence);
    this.#keys.set(sequence, key);
  }

  /** A message is held no more. */
  forget(sequence: Sequence): void {
    if (this.outdated.delete(sequence)) return;
    const key = this.#keys.get(sequence);
    if (key === undefined) return;
    this.#keys.delete(sequence);
    this.#newest.delete(key);
  }
}
