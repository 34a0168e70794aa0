/**
 * The vehicles of a flow whose programs are started here, under whichever file is in force. What becomes of one
 * of them is `supervised.ts`'; here is what they share, and what an edit does to them.
 */
import type { Id } from '../stream/entry.ts';
import type { Cancel, Notify } from '../stream/port.ts';
import type { Topology, Vehicle } from '../topology/topology.ts';
import { type RunNumber, vehicleEnvironment } from './environment.ts';
import type { Surroundings } from './program-run.ts';
import { NO_HISTORY, type VehicleHistory } from './replay.ts';
import type { VehicleStatus } from './status.ts';
import { Supervised } from './supervised.ts';
import type { Waiting } from './wake-watch.ts';

export interface VehiclesOptions extends Surroundings {
  readonly topology: Topology;
  readonly ids: ReadonlyMap<string, Id>;
  /** What the log says of each vehicle. */
  readonly history: ReadonlyMap<Id, VehicleHistory>;
  /** The flow ends when its input has. */
  readonly bounded: boolean;
  readonly amqp: string;
  readonly notify: Notify;
  /** What is held for a vehicle. */
  readonly waiting: (vehicle: string) => Waiting;
  /** Calls after each write to a hold. */
  readonly onHeld: (call: () => void) => Cancel;
}

const ELSEWHERE = {
  state: 'elsewhere',
  run: 0,
  exit: null,
  endedAt: null,
  nextAt: null,
  failures: 0,
} as const;

export class Vehicles {
  readonly #options: VehiclesOptions;
  readonly #numbers: Map<Id, number>;
  #topology: Topology;
  #ids: ReadonlyMap<string, Id>;
  /** Those with a program, by id: a vehicle may be renamed. */
  readonly #supervised = new Map<Id, Supervised>();
  /** Those that an edit has taken away, until their programs have left. */
  readonly #leaving = new Set<Supervised>();

  constructor(options: VehiclesOptions) {
    this.#options = options;
    this.#numbers = new Map([...options.history].map(([id, { run }]) => [id, run]));
    this.#topology = options.topology;
    this.#ids = options.ids;
  }

  /** Starts every vehicle that has a command, or lets it wait for its time. */
  start(): void {
    for (const vehicle of this.#topology.vehicles.values()) {
      this.#add(vehicle, this.#options.history.get(this.#idOf(vehicle)) ?? NO_HISTORY);
    }
  }

  /**
   * Goes on under another file: what came is started, what went is stopped, and a vehicle that would be started
   * otherwise now (its command, a port in its environment) is stopped and started anew.
   */
  update(topology: Topology, ids: ReadonlyMap<string, Id>): void {
    const gone = new Map(this.#supervised);
    this.#topology = topology;
    this.#ids = ids;
    for (const vehicle of topology.vehicles.values()) {
      const known = gone.get(this.#idOf(vehicle));
      if (vehicle.command === null) continue;
      gone.delete(this.#idOf(vehicle));
      if (known === undefined) this.#add(vehicle, NO_HISTORY);
      else known.update(vehicle);
    }
    for (const [id, vehicle] of gone) {
      this.#supervised.delete(id);
      this.#leaving.add(vehicle);
      void vehicle.end().then(() => this.#leaving.delete(vehicle));
    }
  }

  /** Something about a lane has changed: a run may be over now. */
  lanesChanged(): void {
    for (const vehicle of this.#all()) vehicle.lanesChanged();
  }

  /** @returns undefined: it has had no run since the start */
  find(name: string): { readonly running: boolean; readonly failed: boolean } | undefined {
    const vehicle = this.#supervised.get(this.#ids.get(name) ?? 0);
    if (vehicle === undefined || !vehicle.ever) return undefined;
    return { running: vehicle.isBusy, failed: vehicle.failed };
  }

  get anyRunning(): boolean {
    return this.#all().some((vehicle) => vehicle.programLives);
  }

  /** Names of vehicles whose last run failed, and is not repeated. */
  get failed(): readonly string[] {
    return this.#all().flatMap((vehicle) => (vehicle.failed ? [vehicle.name] : []));
  }

  /** Names of vehicles that stay down, however long the flow goes on. */
  get gaveUp(): readonly string[] {
    return this.#all().flatMap((vehicle) => (vehicle.gaveUp ? [vehicle.name] : []));
  }

  status(): readonly VehicleStatus[] {
    return [...this.#topology.vehicles.values()].map((vehicle) => {
      const supervised = this.#supervised.get(this.#idOf(vehicle));
      return supervised?.status() ?? { name: vehicle.name, ...ELSEWHERE };
    });
  }

  /** The input has ended: what would bring more is not started any more. */
  closeInput(): void {
    for (const vehicle of this.#supervised.values()) {
      if (this.#lanesOf(vehicle.name).length > 0) vehicle.close();
    }
  }

  /** TERM to every group, KILL after the grace; resolves when none is left. */
  async stop(): Promise<void> {
    await Promise.all(this.#all().map((vehicle) => vehicle.stop()));
  }

  #all(): readonly Supervised[] {
    return [...this.#supervised.values(), ...this.#leaving];
  }

  #idOf({ name }: Vehicle): Id {
    return this.#ids.get(name) ?? 0;
  }

  #lanesOf(vehicle: string) {
    return [...this.#topology.lanes.values()].filter((lane) => lane.vehicle === vehicle);
  }

  #add(vehicle: Vehicle, history: VehicleHistory): void {
    if (vehicle.command === null) return;
    const id = this.#idOf(vehicle);
    const supervised = new Supervised(vehicle, {
      ...this.#options,
      id,
      history,
      nextRun: () => {
        const number = (this.#numbers.get(id) ?? 0) + 1;
        this.#numbers.set(id, number);
        return number;
      },
      environment: ({ name }, run) => this.#environmentOf(name, run),
      lanesOf: ({ name }) => this.#lanesOf(name),
      waiting: ({ name }) => this.#options.waiting(name),
    });
    this.#supervised.set(id, supervised);
    supervised.start();
  }

  #environmentOf(vehicle: string, run: RunNumber): Readonly<Record<string, string>> {
    const { lanes, amqp } = this.#options;
    return vehicleEnvironment(this.#topology, vehicle, run, amqp, (lane) => {
      const address = lanes.get(lane)?.address;
      return address === undefined ? '' : `${address.host}:${address.port}`;
    });
  }
}
