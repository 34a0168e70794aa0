/** Low disk is back pressure before it is an error: lanes are not read while too little is free. */
import type { Disk } from '../store/disk.ts';
import type { Cancel, Clock } from '../stream/port.ts';
import { formatSize } from '../stream/size.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';
import type { PressureGate } from './gate.ts';

/** Below the lesser of these lanes are not read, until twice as much is free. */
const FREE_BYTES_MIN = 1024 ** 3;
const FREE_SHARE_MIN = 0.05;
/** A disk fills at most by a few GiB between two looks. */
const LOOK_EVERY = MICROS_PER_SECOND;

export class DiskSpace {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #gate: PressureGate;
  #low: string | undefined;
  #cancel: Cancel = () => {};
  #closed = false;

  constructor(disk: Disk, folder: string, clock: Clock, gate: PressureGate) {
    this.#disk = disk;
    this.#folder = folder;
    this.#clock = clock;
    this.#gate = gate;
  }

  /** Looks once, and from then on every second. @throws what the first look fails with */
  async watch(): Promise<void> {
    await this.#look();
    this.#arm();
  }

  #arm(): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.wake(this.#clock.now() + LOOK_EVERY, () => {
      // A look that fails says nothing about the space: the next one will, or a write.
      void this.#look()
        .catch(() => {})
        .then(() => this.#arm());
    });
  }

  async #look(): Promise<void> {
    const { free, total } = await this.#disk.space(this.#folder);
    const mark = Math.min(FREE_BYTES_MIN, FREE_SHARE_MIN * total);
    if (this.#low !== undefined && free >= 2 * mark) {
      this.#gate.set(this.#low, false);
      this.#low = undefined;
    } else if (this.#low === undefined && free < mark) {
      this.#low = `only ${formatSize(free)} of disk are free; reading goes on at ${formatSize(2 * mark)}`;
      this.#gate.set(this.#low, true);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }
}
