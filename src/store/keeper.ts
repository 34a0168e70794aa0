/**
 * Keeps a hold within its bounds: lets messages expire, drops or redirects the oldest of too many, and those
 * that a newer one of their key has made outdated; or says that it is full. What is in a receiver's hand is
 * never touched; it is looked at again when it comes back. Age is judged by the wall clock, for a flow that is
 * idle has no other: nothing computed depends on it, and the ack log is no function of the lane log.
 */
import type { Cancel, Clock, HoldBounds, Offerer, Sequence } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import type { AckLog } from './ack-log.ts';
import { keyOf, type Message, madeAt } from './hold-segment.ts';
import { Latest } from './latest.ts';
import type { Taken } from './write-buffer.ts';

/** A hold that was full takes more below this share of its bounds, so that lanes do not stop at every message. */
const READ_AGAIN_BELOW = 0.9;
/** Messages on their way to the dead letter: each is written to the log once more. */
const LEAVING_BYTES_MAX = 4 * 1024 * 1024;

export const NO_BOUNDS: HoldBounds = Object.freeze({
  ttl: null,
  maxBytes: null,
  maxRecords: null,
  onFull: 'block',
  latest: false,
});

/** What happens beside the hold because of its bounds. */
export interface Surroundings {
  /** Makes a dead letter of a message. @returns resolves when its exit is done with it */
  redirect(sequence: Sequence, message: Uint8Array): Promise<void>;
  /** `full` has changed. */
  filled(): void;
}

/** The messages that are kept, as a keeper sees them. */
export interface Kept {
  readonly clock: Clock;
  readonly acks: AckLog;
  /** How many are written and not settled, and how many bytes they take. */
  held(): number;
  heldBytes(): number;
  /** Shows messages that are not settled, by number, until `visit` returns false. */
  walk(visit: (message: Message) => boolean): Promise<void>;
  /** Takes a step when nothing else is being done to the files; what fails there stops the hold. */
  chain(step: () => Promise<void>): void;
}

export class Keeper {
  readonly #kept: Kept;
  #bounds = NO_BOUNDS;
  #around: Surroundings | undefined;
  #offerer: Offerer | undefined;
  /** At least as many bytes as are held; what is settled is not taken off. */
  #bytesAtMost = 0;
  #full = false;
  /** On their way to the dead letter. */
  readonly #leaving = new Set<Sequence>();
  #leavingBytes = 0;
  /** In hand when they were to go. */
  readonly #spared = new Set<Sequence>();
  #latest: Latest | undefined;
  #cancelAlarm: Cancel | undefined;
  #sweeping = false;
  #stopped = false;

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  /** The hold can take no more than it has, and would rather have no more. */
  get full(): boolean {
    return this.#full;
  }

  /** Bounds that hold from now on, also for what is held. */
  bound(bounds: HoldBounds, around: Surroundings): void {
    this.#bounds = bounds;
    this.#around = around;
    this.#bytesAtMost = Number.POSITIVE_INFINITY;
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    if (!bounds.latest) this.#latest = undefined;
    else if (this.#latest === undefined) this.#kept.chain(() => this.#index());
    this.#weigh();
    if (bounds.ttl !== null) this.#sweepSoon();
  }

  unbound(): void {
    if (this.#around !== undefined) this.bound(NO_BOUNDS, this.#around);
  }

  offeredBy(offerer: Offerer): void {
    this.#offerer = offerer;
  }

  isLeaving(sequence: Sequence): boolean {
    return this.#leaving.has(sequence);
  }

  /** Messages have been written. */
  wrote({ first, bytes, starts }: Taken): void {
    this.#bytesAtMost += bytes.length;
    const latest = this.#latest;
    if (latest !== undefined) {
      for (let i = 0; i < starts.length; i++) {
        const key = keyOf(bytes, starts[i]);
        if (key !== undefined) latest.note(first + i, key);
      }
      this.#supersede(latest);
    }
    const { ttl } = this.#bounds;
    if (ttl !== null && this.#cancelAlarm === undefined) this.#setAlarm(madeAt(bytes) + ttl);
    this.#weigh();
  }

  /** Messages have been settled, one way or another. */
  settled(first: Sequence, last: Sequence): void {
    // What leaves is settled one by one.
    this.#leaving.delete(first);
    if (this.#latest !== undefined) {
      for (let sequence = first; sequence <= last; sequence++) this.#latest.forget(sequence);
    }
    if (this.#spared.size > 0) {
      for (let sequence = first; sequence <= last; sequence++) this.#spared.delete(sequence);
    }
    if (this.#full) this.#weigh();
  }

  /** It is in hand no more. */
  cameBack(sequence: Sequence): void {
    if (this.#latest?.outdated.has(sequence)) this.#supersede(this.#latest);
    if (this.#spared.delete(sequence)) this.#sweepSoon();
    if (this.#full) this.#weigh();
  }

  /** Nothing is let go any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelAlarm?.();
  }

  #setAlarm(at: Micros): void {
    if (this.#stopped) return;
    this.#cancelAlarm = this.#kept.clock.wake(at, () => {
      this.#cancelAlarm = undefined;
      this.#sweepSoon();
    });
  }

  /** By how much it is over its bounds, what is leaving taken off. Not above 0: it is not. */
  #excess(): { readonly records: number; readonly bytes: number } {
    const { maxRecords, maxBytes } = this.#bounds;
    const kept = this.#kept;
    const records = maxRecords === null ? 0 : kept.held() - this.#leaving.size - maxRecords;
    if (maxBytes === null) return { records, bytes: 0 };
    if (this.#bytesAtMost > maxBytes) this.#bytesAtMost = kept.heldBytes();
    return { records, bytes: this.#bytesAtMost - this.#leavingBytes - maxBytes };
  }

  /** Notes whether it is full, or sees to it that it will not be. */
  #weigh(): void {
    if (this.#stopped) return;
    const { onFull, maxRecords, maxBytes } = this.#bounds;
    if (onFull !== 'block') {
      const { records, bytes } = this.#excess();
      if (records > 0 || bytes > 0) this.#sweepSoon();
      this.#setFull(false);
      return;
    }
    const share = this.#full ? READ_AGAIN_BELOW : 1;
    const byRecords = maxRecords !== null && this.#kept.held() >= share * maxRecords;
    if (maxBytes !== null && !byRecords && this.#bytesAtMost >= share * maxBytes) {
      this.#bytesAtMost = this.#kept.heldBytes();
    }
    this.#setFull(byRecords || (maxBytes !== null && this.#bytesAtMost >= share * maxBytes));
  }

  #setFull(full: boolean): void {
    if (full === this.#full) return;
    this.#full = full;
    this.#around?.filled();
  }

  #sweepSoon(): void {
    if (this.#sweeping || this.#stopped) return;
    this.#sweeping = true;
    this.#kept.chain(async () => {
      this.#sweeping = false;
      await this.#expire();
      await this.#shrink();
      this.#weigh();
    });
  }

  async #expire(): Promise<void> {
    const { ttl } = this.#bounds;
    if (ttl === null || this.#stopped) return;
    const made = this.#kept.clock.now() - ttl;
    let next: Micros | undefined;
    await this.#kept.walk(({ sequence, at }) => {
      if (at > made) next = at + ttl;
      else if (this.#letGo(sequence)) this.#settle('expired', sequence);
      return next === undefined;
    });
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    // The bounds may have been changed meanwhile; then their own sweep is due.
    if (next !== undefined && ttl === this.#bounds.ttl) this.#setAlarm(next);
  }

  async #shrink(): Promise<void> {
    const { onFull } = this.#bounds;
    if (onFull === 'block' || this.#stopped) return;
    let { records, bytes } = this.#excess();
    if (records <= 0 && bytes <= 0) return;
    await this.#kept.walk((message) => {
      const { sequence, start, body } = message;
      if (this.#bounds.onFull !== onFull || this.#leavingBytes >= LEAVING_BYTES_MAX) return false;
      if (!this.#letGo(sequence)) return true;
      if (onFull === 'drop_oldest') this.#settle('dropped', sequence);
      else this.#redirect(sequence, body.bytes.subarray(body.start, body.end), body.end - start);
      records--;
      bytes -= body.end - start;
      return records > 0 || bytes > 0;
    });
  }

  /** Whether a message may go now; else it is looked at again when it comes back. */
  #letGo(sequence: Sequence): boolean {
    if (this.#leaving.has(sequence)) return false;
    if (this.#offerer === undefined || this.#offerer.giveUp(sequence)) return true;
    this.#spared.add(sequence);
    return false;
  }

  #settle(fate: 'expired' | 'dropped' | 'superseded', sequence: Sequence): void {
    this.#kept.acks.settle(fate, sequence, sequence);
    this.#spared.delete(sequence);
    this.#latest?.forget(sequence);
  }

  #supersede(latest: Latest): void {
    for (const sequence of latest.outdated) {
      if (this.#letGo(sequence)) this.#settle('superseded', sequence);
    }
  }

  #redirect(sequence: Sequence, view: Uint8Array, size: number): void {
    if (this.#around === undefined) return;
    this.#leaving.add(sequence);
    this.#leavingBytes += size;
    void this.#around.redirect(sequence, Uint8Array.from(view)).then(() => {
      this.#leavingBytes -= size;
      this.#weigh();
    });
  }

  /** Which message of each key is the newest of those that are held. */
  async #index(): Promise<void> {
    if (!this.#bounds.latest) return;
    const latest = new Latest();
    this.#latest = latest;
    await this.#kept.walk(({ sequence, start, body }) => {
      const key = keyOf(body.bytes, start);
      if (key !== undefined) latest.note(sequence, key);
      return true;
    });
    if (this.#latest === latest) this.#supersede(latest);
  }
}
