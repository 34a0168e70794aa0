/**
 * Vehicles that log in, and what they show for it. A secret is kept as a scrypt hash, compared in constant
 * time; a name that nobody has costs as much as a wrong secret, and each failure is answered a second later.
 * Few hashes are made at a time, so that those who guess take turns and the flow goes on.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../stream/port.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';

/** Node's own cost: some 50 ms and 16 MiB each. */
const HASH_BYTES = 64;
const SALT_BYTES = 16;
/** Threads that hash; the disk has two more. */
const HASHES_AT_ONCE = 2;
/** Waited before a failure is answered; a person who mistypes hardly notices. */
const FAILURE_DELAY = 1 * MICROS_PER_SECOND;

interface Stored {
  readonly salt: Uint8Array;
  readonly hash: Promise<Buffer>;
}

export class Users {
  readonly #clock: Clock;
  /** What an unknown name is compared with; made with the first users, so that nobody waits for it. */
  #nobody: Stored | undefined;
  #users: ReadonlyMap<string, Stored> = new Map();
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Someone can log in at all. */
  get any(): boolean {
    return this.#users.size > 0;
  }

  /** @param secrets of vehicles, by name: those and no others can log in from now on */
  update(secrets: ReadonlyMap<string, string>): void {
    if (secrets.size > 0) this.#nobody ??= this.#stranger();
    this.#users = new Map([...secrets].map(([name, secret]) => [name, this.#stored(secret)]));
  }

  /** @returns whether the vehicle has this secret */
  async check(name: string, secret: string): Promise<boolean> {
    const user = this.#users.get(name);
    this.#nobody ??= this.#stranger();
    const { salt, hash } = user ?? this.#nobody;
    const same = timingSafeEqual(await this.#hash(secret, salt), await hash);
    if (same && user !== undefined) return true;
    await new Promise<void>((done) => {
      this.#clock.wake(this.#clock.now() + FAILURE_DELAY, done);
    });
    return false;
  }

  #stranger(): Stored {
    return this.#stored(randomBytes(SALT_BYTES).toString('hex'));
  }

  #stored(secret: string): Stored {
    const salt = randomBytes(SALT_BYTES);
    return { salt, hash: this.#hash(secret, salt) };
  }

  async #hash(secret: string, salt: Uint8Array): Promise<Buffer> {
    if (this.#hashing === HASHES_AT_ONCE) {
      await new Promise<void>((turn) => this.#waiting.push(turn));
    } else {
      this.#hashing++;
    }
    try {
      return await new Promise<Buffer>((done, fail) => {
        scrypt(secret, salt, HASH_BYTES, (error, hash) => (error ? fail(error) : done(hash)));
      });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing--;
      else next();
    }
  }
}
