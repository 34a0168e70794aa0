/**
 * The programs of a flow's vehicles and their runs in the log: `run began`, and at the end, when every
 * connection of the vehicle's lanes has its `closed` entry, `run ended` and, if it was clean, `finish`
 * for the lanes that ask for it.
 */
import type { Lane } from '../lanes/lane.ts';
import { type Program, startProgram } from '../lanes/supervisor.ts';
import type { Id } from '../stream/entry.ts';
import type { Clock, Journal, Notify } from '../stream/port.ts';
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
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly amqp: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly notify: Notify;
  readonly onOutput: (vehicle: string, line: string) => void;
}

interface Run {
  readonly vehicle: Vehicle;
  readonly number: number;
  readonly program: Program;
  state: 'running' | 'left' | 'failed';
  exit: string | null;
  /** Its end stands in the log. */
  noted: boolean;
}

export class Vehicles {
  readonly #options: VehiclesOptions;
  readonly #runs = new Map<string, Run>();
  #stopping = false;

  constructor(options: VehiclesOptions) {
    this.#options = options;
  }

  /** Starts every vehicle that has a command, each as a new run. */
  start(): void {
    for (const vehicle of this.#options.topology.vehicles.values()) {
      if (vehicle.command !== null) this.#startRun(vehicle, vehicle.command);
    }
  }

  /** Something about a lane has changed: a run may be over now. */
  lanesChanged(): void {
    for (const run of this.#runs.values()) this.#noteEnd(run);
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
    return [...this.#options.topology.vehicles.values()].map(({ name }) => {
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
    await Promise.all([...this.#runs.values()].map((run) => run.program.stop()));
  }

  #startRun(vehicle: Vehicle, command: readonly string[]): void {
    const { topology, base, ids, runs, lanes, amqp, journal, notify } = this.#options;
    const id = ids.get(vehicle.name) ?? 0;
    const number = (runs.get(id) ?? 0) + 1;
    const environment = vehicleEnvironment(topology, vehicle.name, number, amqp, (lane) => {
      const address = lanes.get(lane)?.address;
      return address === undefined ? '' : `${address.host}:${address.port}`;
    });
    journal.append({ kind: 'run', vehicle: id, run: number, phase: 'began', clean: false });
    const program = startProgram({
      command,
      base,
      cwd: vehicle.cwd,
      env: { ...Object.fromEntries(vehicle.env), ...environment },
      clock: this.#options.clock,
      onOutput: (line) => this.#options.onOutput(vehicle.name, line),
    });
    const run: Run = { vehicle, number, program, state: 'running', exit: null, noted: false };
    this.#runs.set(vehicle.name, run);
    void program.left.then(({ code, signal, problem }) => {
      run.state = code === 0 ? 'left' : 'failed';
      run.exit = problem ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
      if (run.state === 'failed' && !this.#stopping) {
        notify({
          level: 'warning',
          about: `vehicle ${vehicle.name}`,
          text: `left with ${run.exit}; it is not started again, and what it fed stays open`,
        });
      }
      this.#noteEnd(run);
    });
  }

  #noteEnd(run: Run): void {
    const { topology, ids, lanes, journal } = this.#options;
    if (run.state === 'running' || run.noted) return;
    const own = [...topology.lanes.values()].filter((lane) => lane.vehicle === run.vehicle.name);
    if (own.some((lane) => (lanes.get(lane.name)?.state().open ?? 0) > 0)) return;
    run.noted = true;
    const clean = run.state === 'left';
    const vehicle = ids.get(run.vehicle.name) ?? 0;
    journal.append({ kind: 'run', vehicle, run: run.number, phase: 'ended', clean });
    if (!clean) return;
    for (const lane of own) {
      const id = lanes.get(lane.name)?.id;
      if (lane.atEnd === 'finish' && id !== undefined) journal.append({ kind: 'finish', lane: id });
    }
  }
}
