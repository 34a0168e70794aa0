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
    this.#letGo();
  }

  /** All reasons there are; none of those before counts. */
  replace(reasons: readonly string[]): void {
    this.#reasons.clear();
    for (const reason of reasons) this.#reasons.add(reason);
    this.#letGo();
  }

  whenOpen(call: () => void): Cancel {
    if (this.open) queueMicrotask(call);
    else this.#waiting.push(call);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== call);
    };
  }

  #letGo(): void {
    if (!this.open || this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) queueMicrotask(call);
  }
}

/** Open while both are. */
export class JointGate implements Gate {
  readonly #gates: readonly Gate[];

  constructor(...gates: readonly Gate[]) {
    this.#gates = gates;
  }

  get open(): boolean {
    return this.#gates.every((gate) => gate.open);
  }

  whenOpen(call: () => void): Cancel {
    let cancel: Cancel = () => {};
    const wait = (): void => {
      const closed = this.#gates.find((gate) => !gate.open);
      if (closed !== undefined) cancel = closed.whenOpen(wait);
      else cancel = this.#gates[0].whenOpen(call);
    };
    wait();
    return () => cancel();
  }
}
