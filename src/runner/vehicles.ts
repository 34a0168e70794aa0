/**
 * The programs of a flow's vehicles and their runs in the log: `run began`, and at the end, when every
 * connection of the vehicle's lanes has its `closed` entry, `run ended` and, if it was clean, `finish`
 * for the lanes that ask for it.
 */
import type { Lane } from '../lanes/lane.ts';
import { type Left, type Program, startProgram } from '../lanes/supervisor.ts';
import type { Id } from '../stream/entry.ts';
import type { Clock, Journal, Notify } from '../stream/port.ts';
import { reveal } from '../topology/secret.ts';
import type { Topology, Vehicle } from '../topology/topology.ts';
import { vehicleEnvironment } from './environment.ts';
import type { VehicleStatus } from './status.ts';

export interface VehiclesOptions {
  readonly topology: Topology;
  /** The folder of the file: programs start there unless `cwd` says otherwise. */
  readonly base: string;
  readonly ids: ReadonlyMap<string, Id>;
  /** The highest run of each vehicle in the log. */
  readonly runs: ReadonlyMap<Id, number>;
  /** By name, as they are at the moment. */
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly amqp: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly notify: Notify;
  readonly onOutput: (vehicle: string, line: string) => void;
}

interface Run {
  readonly vehicle: Vehicle;
  readonly id: Id;
  readonly number: number;
  readonly program: Program;
  /** What it was started with; a vehicle that would be started otherwise now is started anew. */
  readonly launch: string;
  state: 'running' | 'left' | 'failed';
  exit: string | null;
  /** Its end stands in the log. */
  noted: boolean;
  /** An edit of the file has ended it. */
  ended: boolean;
}

export class Vehicles {
  readonly #options: VehiclesOptions;
  readonly #numbers: Map<Id, number>;
  #topology: Topology;
  #ids: ReadonlyMap<string, Id>;
  /** The newest run of each vehicle that has had one, by its name. */
  #runs = new Map<string, Run>();
  /** Runs that an edit has ended, until their end stands in the log. */
  readonly #leaving = new Set<Run>();
  #stopping = false;

  constructor(options: VehiclesOptions) {
    this.#options = options;
    this.#numbers = new Map(options.runs);
    this.#topology = options.topology;
    this.#ids = options.ids;
  }

  /** Starts every vehicle that has a command, each as a new run. */
  start(): void {
    for (const vehicle of this.#topology.vehicles.values()) this.#startRun(vehicle);
  }

  /**
   * Goes on under another file: what came is started, what went is stopped, and a vehicle that would be started
   * otherwise now (its command, a port in its environment) is stopped and started anew.
   */
  update(topology: Topology, ids: ReadonlyMap<string, Id>): void {
    const before = new Map([...this.#runs.values()].map((run) => [run.id, run]));
    this.#topology = topology;
    this.#ids = ids;
    this.#runs = new Map();
    for (const vehicle of topology.vehicles.values()) {
      const run = before.get(ids.get(vehicle.name) ?? 0);
      if (run !== undefined && run.launch === this.#launchOf(vehicle)) {
        this.#runs.set(vehicle.name, run);
        before.delete(run.id);
      } else if (run === undefined) {
        this.#startRun(vehicle);
      } else {
        before.delete(run.id);
        void this.#end(run).then(() => this.#startRun(vehicle));
      }
    }
    for (const run of before.values()) void this.#end(run);
  }

  /** Something about a lane has changed: a run may be over now. */
  lanesChanged(): void {
    for (const run of [...this.#runs.values(), ...this.#leaving]) this.#noteEnd(run);
  }

  find(name: string): { readonly running: boolean; readonly failed: boolean } | undefined {
    const run = this.#runs.get(name);
    return run === undefined ? undefined : { running: !run.noted, failed: run.state === 'failed' };
  }

  get anyRunning(): boolean {
    return [...this.#runs.values()].some((run) => run.state === 'running');
  }

  /** Names of vehicles whose program left with anything but 0. */
  get failed(): readonly string[] {
    return [...this.#runs.values()]
      .filter((run) => run.state === 'failed')
      .map((run) => `${run.vehicle.name} (${run.exit})`);
  }

  status(): readonly VehicleStatus[] {
    return [...this.#topology.vehicles.values()].map(({ name }) => {
      const run = this.#runs.get(name);
      return {
        name,
        state: run?.state ?? 'elsewhere',
        run: run?.number ?? 0,
        exit: run?.exit ?? null,
      };
    });
  }

  /** TERM to every group, KILL after the grace; resolves when none is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const runs = [...this.#runs.values(), ...this.#leaving];
    await Promise.all(runs.map((run) => run.program.stop()));
  }

  /** An edit ends a run: what it fed is not finished by that. */
  async #end(run: Run): Promise<void> {
    run.ended = true;
    this.#leaving.add(run);
    await run.program.stop();
  }

  #environmentOf(vehicle: Vehicle, run: number): Readonly<Record<string, string>> {
    const { lanes, amqp } = this.#options;
    return vehicleEnvironment(this.#topology, vehicle.name, run, amqp, (lane) => {
      const address = lanes.get(lane)?.address;
      return address === undefined ? '' : `${address.host}:${address.port}`;
    });
  }

  #launchOf(vehicle: Vehicle): string {
    const { command, cwd, env } = vehicle;
    return JSON.stringify([command, cwd, [...env], this.#environmentOf(vehicle, 0)]);
  }

  #startRun(vehicle: Vehicle): void {
    const { command } = vehicle;
    // A later edit may have taken it away while its former run was stopping.
    const wanted = this.#topology.vehicles.get(vehicle.name) === vehicle;
    if (command === null || !wanted || this.#stopping) return;
    const { base, journal } = this.#options;
    const id = this.#ids.get(vehicle.name) ?? 0;
    const number = (this.#numbers.get(id) ?? 0) + 1;
    this.#numbers.set(id, number);
    journal.append({ kind: 'run', vehicle: id, run: number, phase: 'began', clean: false });
    const program = startProgram({
      command,
      base,
      cwd: vehicle.cwd,
      env: { ...variablesOf(vehicle), ...this.#environmentOf(vehicle, number) },
      clock: this.#options.clock,
      onOutput: (line) => this.#options.onOutput(vehicle.name, line),
    });
    const run: Run = {
      vehicle,
      id,
      number,
      program,
      launch: this.#launchOf(vehicle),
      state: 'running',
      exit: null,
      noted: false,
      ended: false,
    };
    this.#runs.set(vehicle.name, run);
    void program.left.then((how) => this.#left(run, how));
  }

  #left(run: Run, { code, signal, problem }: Left): void {
    run.state = code === 0 ? 'left' : 'failed';
    run.exit = problem ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
    if (run.state === 'failed' && !this.#stopping && !run.ended) {
      this.#options.notify({
        level: 'warning',
        about: `vehicle ${run.vehicle.name}`,
        text: `left with ${run.exit}; it is not started again, and what it fed stays open`,
      });
    }
    this.#noteEnd(run);
  }

  #noteEnd(run: Run): void {
    const { lanes, journal } = this.#options;
    if (run.state === 'running' || run.noted) return;
    const vehicle = [...this.#ids].find(([, id]) => id === run.id)?.[0];
    const own = [...this.#topology.lanes.values()].filter((lane) => lane.vehicle === vehicle);
    if (!run.ended && own.some((lane) => (lanes.get(lane.name)?.state().open ?? 0) > 0)) return;
    run.noted = true;
    this.#leaving.delete(run);
    const clean = run.state === 'left' && !run.ended;
    journal.append({ kind: 'run', vehicle: run.id, run: run.number, phase: 'ended', clean });
    if (!clean) return;
    for (const lane of own) {
      const id = lanes.get(lane.name)?.id;
      if (lane.atEnd === 'finish' && id !== undefined) journal.append({ kind: 'finish', lane: id });
    }
  }
}

/** What the file puts into the environment of the program. */
function variablesOf({ env }: Vehicle): Readonly<Record<string, string>> {
  const values = [...env].map(([name, value]) => [
    name,
    typeof value === 'string' ? value : (reveal(value) ?? ''),
  ]);
  return Object.fromEntries(values);
}
