/**
 * The vehicles of a flow as `run` has them: real programs, a real shard on a disk in memory, and a clock that is
 * moved by hand. No lane listens: what a program would bring is fed.
 */

import type { Shard } from '../../src/runner/shard.ts';
import type { VehicleStatus } from '../../src/runner/status.ts';
import { Vehicles } from '../../src/runner/vehicles.ts';
import { waitingFor } from '../../src/runner/waiting.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { Entry, LogEntry } from '../../src/stream/entry.ts';
import type { Journal, Notice } from '../../src/stream/port.ts';
import type { Micros } from '../../src/stream/time.ts';
import { edit, openShard } from './flow-world.ts';
import { until } from './wait.ts';

type Run = Extract<LogEntry, { readonly kind: 'run' }>;

export class Depot {
  readonly clock: ManualClock;
  /** What programs printed, with the vehicle's name in front. */
  readonly lines: string[] = [];
  readonly notices: Notice[] = [];
  /** Entries of runs, of all processes. */
  readonly runs: Run[] = [];
  readonly #disk = new MemoryDisk();
  #shard: Shard | undefined;
  #vehicles: Vehicles | undefined;

  constructor(start: string) {
    this.clock = new ManualClock(Date.parse(start) * 1000);
  }

  get shard(): Shard {
    if (this.#shard === undefined) throw new Error('it does not run');
    return this.#shard;
  }

  get vehicles(): Vehicles {
    if (this.#vehicles === undefined) throw new Error('it does not run');
    return this.#vehicles;
  }

  async open(text: string, bounded = false): Promise<void> {
    const { shard } = await openShard(this.#disk, this.clock, text);
    this.#shard = shard;
    await edit(shard, text);
    const journal: Journal = {
      append: (entry: Entry) => {
        const stamped = shard.append(entry);
        if (stamped.kind === 'run') this.runs.push(stamped);
        return stamped;
      },
    };
    this.#vehicles = new Vehicles({
      topology: shard.inForce.topology,
      ids: shard.inForce.ids.vehicles,
      history: shard.recovered.vehicles,
      bounded,
      base: import.meta.dirname,
      journal,
      clock: this.clock,
      lanes: new Map(),
      amqp: '127.0.0.1:5672',
      notify: (notice) => this.notices.push(notice),
      onOutput: (vehicle, line) => this.lines.push(`${vehicle} ${line}`),
      waiting: (vehicle) => waitingFor(shard, vehicle),
      onHeld: (call) => shard.onWritten(call),
    });
    this.#vehicles.start();
  }

  /** An edit of the file comes into force. */
  async edit(text: string): Promise<void> {
    await edit(this.shard, text);
    const { topology, ids } = this.shard.inForce;
    this.vehicles.update(topology, ids.vehicles);
  }

  /** The roundabout stops in order. */
  async close(): Promise<void> {
    await this.#vehicles?.stop();
    await this.#shard?.close();
    this.#vehicles = undefined;
    this.#shard = undefined;
  }

  /** The roundabout is killed, and its programs with it: nothing of their end is noted. */
  async kill(): Promise<void> {
    const noted = this.runs.length;
    await this.#shard?.close();
    this.#shard = undefined;
    // What is noted from here on goes nowhere.
    await this.#vehicles?.stop().catch(() => {});
    this.#vehicles = undefined;
    this.runs.length = noted;
  }

  /** Moves the clock to a time of the day it shows. */
  at(time: string): void {
    this.to(`${new Date(this.clock.now() / 1000).toISOString().slice(0, 11)}${time}Z`);
  }

  to(instant: string): void {
    const at: Micros = Date.parse(instant) * 1000;
    if (at < this.clock.now()) throw new Error(`${instant} has passed`);
    this.clock.advance(at);
  }

  pass(micros: Micros): void {
    this.clock.advance(this.clock.now() + micros);
  }

  status(name: string): VehicleStatus {
    const found = this.vehicles.status().find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no vehicle ${name}`);
    return found;
  }

  /** Waits until a vehicle has come to a state. */
  async reaches(name: string, state: VehicleStatus['state']): Promise<VehicleStatus> {
    await until(() => this.status(name).state === state);
    return this.status(name);
  }

  /** Waits for so many lines of output in all. */
  async printed(count: number): Promise<readonly string[]> {
    await until(() => this.lines.length >= count);
    return this.lines;
  }

  /** Of runs in order, as `began 1 02:15:00` and `ended 1 clean`. */
  get told(): readonly string[] {
    return this.runs.map(({ phase, run, outcome, planned }) => {
      const time =
        planned === null ? '' : ` ${new Date(planned / 1000).toISOString().slice(11, 19)}`;
      return `${phase} ${run}${outcome === null ? time : ` ${outcome}`}`;
    });
  }
}
