/** How often a program has failed, how long it pauses before the next start, and when it is given up. */
import type { Micros } from '../stream/time.ts';
import type { Restart } from '../topology/topology.ts';

/** A program that has lived for so long was well: the next failure is a first one. */
const HEALTHY_MS = 60_000;

export class Attempts {
  /** In a row, and since a program was well. */
  failures = 0;
  /** Of a run that has a time of its own, or since a program was well. */
  #inVain = 0;

  /** What comes has nothing to do with what failed. */
  reset(): void {
    this.failures = 0;
    this.#inVain = 0;
  }

  /** @param own it is a run with a time of its own, whose attempts are counted however long each took */
  failed(livedMs: number, own: boolean): void {
    if (livedMs >= HEALTHY_MS) {
      this.failures = 0;
      if (!own) this.#inVain = 0;
    }
    this.failures++;
    this.#inVain++;
  }

  /** It left as it should, with nothing done. */
  idled(): void {
    this.failures++;
    this.#inVain = 0;
  }

  get inVain(): number {
    return this.#inVain;
  }

  /** Before the next start. */
  pause({ initial, max }: Restart): Micros {
    return Math.min(initial * 2 ** Math.max(0, this.failures - 1), max);
  }
}
