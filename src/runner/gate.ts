/**
 * Back pressure towards the sockets: closed while more is buffered than may be, or the disk is nearly
 * full. Lanes then stop reading, TCP pushes back, and the vehicle waits instead of losing anything.
 */
import type { Cancel, Gate } from '../stream/port.ts';

export class PressureGate implements Gate {
  readonly #reasons = new Set<string>();
  #waiting: (() => void)[] = [];

  get open(): boolean {
    return this.#reasons.size === 0;
  }

  /** Why it is closed, in words; empty: it is open. */
  get reasons(): readonly string[] {
    return [...this.#reasons];
  }

  set(reason: string, closed: boolean): void {
    if (closed) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (!this.open || this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) queueMicrotask(call);
  }

  whenOpen(call: () => void): Cancel {
    if (this.open) queueMicrotask(call);
    else this.#waiting.push(call);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== call);
    };
  }
}
