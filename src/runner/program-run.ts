/**
 * One program of a vehicle, from its start to the entry of the log that says how its run ended: not before every
 * connection of the vehicle's lanes has its own end there. A clean end is followed by `finish` for the lanes that
 * ask for it.
 */
import type { Lane } from '../lanes/lane.ts';
import { type Left, type Program, startProgram } from '../lanes/supervisor.ts';
import type { Id, RunOutcome } from '../stream/entry.ts';
import type { Cancel, Clock, Journal } from '../stream/port.ts';
import { formatDuration, type Micros } from '../stream/time.ts';
import { reveal } from '../topology/secret.ts';
import type { Lane as DeclaredLane, Vehicle } from '../topology/topology.ts';
import type { RunNumber } from './environment.ts';

/** What programs share. */
export interface Surroundings {
  /** The folder of the file: programs start there unless `cwd` says otherwise. */
  readonly base: string;
  readonly journal: Journal;
  readonly clock: Clock;
  /** By name, as they are at the moment. */
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly onOutput: (vehicle: string, line: string) => void;
}

export interface ProgramRunOptions extends Surroundings {
  readonly vehicle: Vehicle;
  readonly command: readonly string[];
  readonly id: Id;
  readonly run: RunNumber;
  /** Beside what the file gives it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Those of the vehicle, as they are at the moment. */
  readonly ownLanes: () => readonly DeclaredLane[];
  /** The end stands in the log. */
  readonly onEnd: (run: ProgramRun, outcome: RunOutcome) => void;
}

export class ProgramRun {
  readonly run: RunNumber;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** Exit code or signal in words, once the program has left. */
  exit: string | null = null;
  /** The same as the rest of a sentence. */
  farewell = '';
  endedAt: Micros | null = null;
  /** The end stands in the log. */
  noted = false;
  readonly #options: ProgramRunOptions;
  readonly #program: Program;
  #cancelTimeout: Cancel = () => {};
  #timedOut: Micros | null = null;
  #ended: 'waits' | 'at once' | null = null;
  #outcome: RunOutcome | null = null;

  constructor(options: ProgramRunOptions) {
    const { vehicle, command, base, id, run, clock, journal, environment } = options;
    this.#options = options;
    this.run = run;
    this.startedMs = clock.elapsed();
    const { number, planned } = run;
    journal.append({
      kind: 'run',
      vehicle: id,
      run: number,
      phase: 'began',
      outcome: null,
      planned,
    });
    this.#program = startProgram({
      command,
      base,
      cwd: vehicle.cwd,
      env: { ...variablesOf(vehicle), ...environment },
      clock,
      onOutput: (line) => options.onOutput(vehicle.name, line),
    });
    const timeout = vehicle.schedule?.timeout ?? null;
    if (timeout !== null) {
      this.#cancelTimeout = clock.wake(clock.now() + timeout, () => {
        this.#timedOut = timeout;
        void this.#program.stop();
      });
    }
    void this.#program.left.then((how) => this.#left(how));
  }

  /** The program has not left yet. */
  get running(): boolean {
    return this.#outcome === null;
  }

  /**
   * Makes the program leave. What it has fed so far is not finished by that.
   * @param when its end is noted when its connections have theirs, or at once: its lanes may go
   * @returns resolves when it has left
   */
  async stop(when: 'waits' | 'at once'): Promise<void> {
    this.#ended ??= when;
    await this.#program.stop();
  }

  /** Notes the end, if the program has left and nothing of it is still to come. */
  noteEnd(): void {
    const { id, lanes, journal, ownLanes, onEnd } = this.#options;
    const outcome = this.#outcome;
    if (outcome === null || this.noted) return;
    const own = ownLanes();
    const open = own.some((lane) => (lanes.get(lane.name)?.state().open ?? 0) > 0);
    if (open && this.#ended !== 'at once') return;
    this.noted = true;
    const { number: run } = this.run;
    journal.append({ kind: 'run', vehicle: id, run, phase: 'ended', outcome, planned: null });
    if (outcome === 'clean') {
      for (const { name, atEnd } of own) {
        const lane = lanes.get(name)?.id;
        if (atEnd === 'finish' && lane !== undefined) journal.append({ kind: 'finish', lane });
      }
    }
    onEnd(this, outcome);
  }

  #left({ code, signal, problem }: Left): void {
    this.#cancelTimeout();
    const how = problem ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
    const timedOut = this.#timedOut !== null && this.#ended === null;
    const timeout = formatDuration(this.#timedOut ?? 0);
    this.exit = timedOut ? `a timeout after ${timeout}` : how;
    this.farewell = problem === null ? `left with ${this.exit}` : `did not begin: ${problem}`;
    this.endedAt = this.#options.clock.now();
    const clean = code === 0 && !timedOut;
    this.#outcome = this.#ended !== null ? 'stopped' : clean ? 'clean' : 'failed';
    this.noteEnd();
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
