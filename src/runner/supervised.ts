/**
 * A vehicle whose program is started here: when it begins a run, and what the end of one leads to. At most one
 * program of a vehicle lives at a time. A run that failed, or was made to leave before it was done, is repeated
 * under its number; what begins after a clean end is another run.
 */
import type { Id, RunOutcome } from '../stream/entry.ts';
import type { Cancel, Notify } from '../stream/port.ts';
import { formatDuration, formatInstant, type Micros } from '../stream/time.ts';
import type { Lane as DeclaredLane, Schedule, Vehicle } from '../topology/topology.ts';
import { Attempts } from './attempts.ts';
import type { RunNumber } from './environment.ts';
import { ProgramRun, type Surroundings } from './program-run.ts';
import type { VehicleHistory } from './replay.ts';
import type { VehicleState, VehicleStatus } from './status.ts';
import { Timetable } from './timetable.ts';
import { WakeWatch, type WakeWatchOptions } from './wake-watch.ts';

export interface SupervisedOptions extends Surroundings {
  readonly id: Id;
  /** Of the log. */
  readonly history: VehicleHistory;
  /** The flow ends when its input has: what would go on for ever is done once. */
  readonly bounded: boolean;
  readonly notify: Notify;
  /** The number of a run that nobody has had. */
  readonly nextRun: () => number;
  /** What its program finds besides what the file gives it. */
  readonly environment: (vehicle: Vehicle, run: RunNumber) => Readonly<Record<string, string>>;
  readonly lanesOf: (vehicle: Vehicle) => readonly DeclaredLane[];
  readonly waiting: (vehicle: Vehicle) => ReturnType<WakeWatchOptions['waiting']>;
  readonly onHeld: WakeWatchOptions['onHeld'];
}

export class Supervised {
  readonly #options: SupervisedOptions;
  #vehicle: Vehicle;
  #current: ProgramRun | undefined;
  /** What it was started with; one that would be started otherwise now is started anew. */
  #launch: string | undefined;
  #timetable: Timetable | undefined;
  #watch: WakeWatch | undefined;
  /** An edit has ended the program of this run, which begins once more. */
  #again: RunNumber | undefined;
  /** Begins when the one that goes on has ended. */
  #queued: RunNumber | undefined;
  #retryAt: Micros | null = null;
  #cancelRetry: Cancel = () => {};
  readonly #attempts = new Attempts();
  /** What had been taken from its exits when its program was started. */
  #taken = 0;
  #down: 'failed' | 'gave up' | undefined;
  #closed = false;

  constructor(vehicle: Vehicle, options: SupervisedOptions) {
    this.#vehicle = vehicle;
    this.#options = options;
  }

  /** Begins a run, or waits for what begins one. */
  start(): void {
    const { schedule, wake } = this.#vehicle;
    if (schedule === null && wake === null) this.#begin(this.#newRun(null));
    if (schedule !== null) this.#startSchedule(schedule);
    if (wake !== null) this.#startWatch();
  }

  /** Goes on under another file: what the program was started with decides whether it is started anew. */
  update(vehicle: Vehicle): void {
    if (this.#closed) return;
    const before = this.#vehicle;
    this.#vehicle = vehicle;
    const { schedule, wake } = vehicle;
    if (!sameTimes(before.schedule, schedule)) {
      this.#timetable?.stop();
      this.#timetable = undefined;
      if (schedule !== null) this.#schedule(schedule, this.#options.clock.now());
    }
    if (JSON.stringify(before.wake) !== JSON.stringify(wake)) {
      this.#stopWatch();
      this.#startWatch();
    }
    const current = this.#current;
    const waited = before.schedule !== null || before.wake !== null;
    if (this.#launch !== undefined && this.#launch !== this.#launchNow()) this.#startAnew();
    else if (!this.#waits && !this.isBusy && (waited || current === undefined)) {
      this.#begin(this.#newRun(null));
    }
  }

  /** Its program would be started otherwise now. */
  #startAnew(): void {
    const current = this.#current;
    this.#attempts.reset();
    // A run with a time of its own that has not come to its end is still that run.
    const run = this.#waits && current !== undefined ? current.run : this.#newRun(null);
    if (this.programLives) {
      this.#again = run;
      void current?.stop('at once');
    } else if (current?.noted === false) {
      // Its program has left by itself; what it sent is still coming in.
      if (!this.#waits) this.#again = run;
    } else if (!this.#waits || this.#down !== undefined || this.#retryAt !== null) {
      this.#begin(run);
    }
  }

  /** An edit has taken it away. @returns resolves when its program has left */
  async end(): Promise<void> {
    this.close();
    await this.#current?.stop('at once');
  }

  /** The flow stops. @returns resolves when its program has left */
  async stop(): Promise<void> {
    this.close();
    await this.#current?.stop('waits');
  }

  /** No other run begins. */
  close(): void {
    this.#closed = true;
    this.#timetable?.stop();
    this.#stopWatch();
    this.#cancelRetry();
    this.#retryAt = null;
    this.#again = undefined;
    this.#queued = undefined;
  }

  /** Something about a lane has changed: a run may be over now. */
  lanesChanged(): void {
    this.#current?.noteEnd();
  }

  get name(): string {
    return this.#vehicle.name;
  }

  /** It has had a run since the start. */
  get ever(): boolean {
    return this.#current !== undefined;
  }

  get programLives(): boolean {
    return this.#current?.running === true;
  }

  /** Its last run failed, and is not repeated. */
  get failed(): boolean {
    return this.#down !== undefined;
  }

  /** It failed as often as it might, and nothing will start it again. */
  get gaveUp(): boolean {
    return this.#down === 'gave up' && this.#vehicle.schedule === null;
  }

  status(): VehicleStatus {
    const current = this.#current;
    const nextAt = this.#retryAt ?? this.#timetable?.next ?? null;
    return {
      name: this.name,
      state: this.#state(),
      run: current?.run.number ?? 0,
      exit: current?.exit ?? null,
      endedAt: current?.endedAt ?? null,
      nextAt: this.#closed ? null : nextAt,
      failures: this.#attempts.failures,
    };
  }

  /** A run goes on: its program lives, its end is not noted, or it is repeated after a pause. */
  get isBusy(): boolean {
    return this.#current?.noted === false || this.#retryAt !== null || this.#queued !== undefined;
  }

  #state(): VehicleState {
    if (this.programLives) return 'running';
    if (this.#retryAt !== null) return 'backing off';
    if (this.#down !== undefined) return this.#down;
    if (this.#closed) return 'left';
    if (this.#vehicle.schedule !== null) return 'scheduled';
    return this.#vehicle.wake === null ? 'left' : 'asleep';
  }

  #startSchedule(schedule: Schedule): void {
    const { history, clock } = this.#options;
    const known = history.schedule;
    const same = known?.cron === schedule.cron && known.timezone === schedule.timezone;
    this.#schedule(schedule, same ? Math.max(known.since, history.done) : clock.now());
    const { run: number, planned, outcome } = history;
    // It was begun and has not come to its end: it is missing as one is that never began.
    const lost = planned !== null && (outcome === null || outcome === 'stopped');
    if (schedule.missed === 'run_once' && lost && same && !this.isBusy) {
      this.#begin({ number, planned });
    }
  }

  #schedule({ cron, timezone }: Schedule, since: Micros): void {
    const { clock } = this.#options;
    this.#timetable = new Timetable({
      cron,
      timezone,
      since,
      clock,
      onDue: (planned, missed) => this.#due(planned, missed),
    });
    this.#timetable.start();
  }

  #due(planned: Micros, missed: boolean): void {
    const { schedule } = this.#vehicle;
    if (schedule === null) return;
    const time = formatInstant(planned);
    if (missed && schedule.missed === 'skip') {
      this.#tell('info', `the run of ${time} was missed while nothing ran here`);
    } else if (!this.isBusy) {
      this.#begin(this.#newRun(planned));
    } else if (schedule.overlap === 'kill') {
      this.#tell('warning', `it is time for the run of ${time}: the one before it is ended`);
      this.#replace(planned);
    } else if (schedule.overlap === 'queue' && this.#queued === undefined) {
      this.#queued = this.#newRun(planned);
    } else {
      this.#tell('info', `the run of ${time} is left out: the one before it has not ended`);
    }
  }

  #replace(planned: Micros): void {
    const current = this.#current;
    const run = this.#queued === undefined ? this.#newRun(planned) : { ...this.#queued, planned };
    this.#again = undefined;
    this.#queued = run;
    if (current?.noted === false) void current.stop('waits');
    else this.#beginQueued(run);
  }

  #startWatch(): void {
    const { clock, waiting, onHeld } = this.#options;
    const { wake } = this.#vehicle;
    if (wake === null || this.#closed || this.isBusy || this.#down === 'gave up') return;
    this.#stopWatch();
    this.#watch = new WakeWatch({
      wake,
      clock,
      waiting: () => waiting(this.#vehicle),
      onHeld,
      onWake: () => {
        this.#watch = undefined;
        this.#begin(this.#newRun(null));
      },
    });
    this.#watch.start();
  }

  #stopWatch(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #newRun(planned: Micros | null): RunNumber {
    return { number: this.#options.nextRun(), planned };
  }

  #launchNow(): string {
    const { command, cwd, env } = this.#vehicle;
    const environment = this.#options.environment(this.#vehicle, { number: 0, planned: null });
    return JSON.stringify([command, cwd, [...env], environment]);
  }

  #begin(run: RunNumber): void {
    const { command } = this.#vehicle;
    this.#cancelRetry();
    this.#retryAt = null;
    if (command === null || this.#closed) return;
    this.#stopWatch();
    this.#again = undefined;
    this.#down = undefined;
    const anew = run.number !== this.#current?.run.number;
    if (anew && run.planned !== null) this.#attempts.reset();
    this.#launch = this.#launchNow();
    const vehicle = this.#vehicle;
    this.#taken = this.#options.waiting(vehicle).taken;
    this.#current = new ProgramRun({
      ...this.#options,
      vehicle,
      command,
      run,
      environment: this.#options.environment(vehicle, run),
      ownLanes: () => this.#options.lanesOf(this.#vehicle),
      onEnd: (ended, outcome) => this.#ended(ended, outcome),
    });
  }

  get #waits(): boolean {
    return this.#vehicle.schedule !== null || this.#vehicle.wake !== null;
  }

  #beginQueued(run: RunNumber): void {
    this.#queued = undefined;
    this.#begin(run);
  }

  #ended(ended: ProgramRun, outcome: RunOutcome): void {
    if (this.#closed) return;
    const { wake } = this.#vehicle;
    if (outcome === 'failed') this.#failed(ended);
    else if (outcome === 'clean') {
      const { taken } = this.#options.waiting(this.#vehicle);
      if (wake !== null && taken === this.#taken) this.#attempts.idled();
      else this.#attempts.reset();
    }
    if (this.#again !== undefined) this.#begin(this.#again);
    else if (this.#retryAt === null) this.#rest(outcome);
  }

  /** A run is over, and is not repeated. */
  #rest(outcome: RunOutcome): void {
    const { restart, wake } = this.#vehicle;
    const { clock, bounded } = this.#options;
    if (this.#queued !== undefined) this.#beginQueued(this.#queued);
    else if (wake !== null && this.#attempts.failures > 0) {
      // What is still held would start it again at once.
      const at = clock.now() + this.#attempts.pause(restart);
      this.#cancelRetry = clock.wake(at, () => this.#startWatch());
    } else if (wake !== null) this.#startWatch();
    else if (outcome === 'clean' && restart.policy === 'always' && !this.#waits && !bounded) {
      this.#retry(restart.initial, this.#newRun(null));
    }
  }

  #failed(ended: ProgramRun): void {
    const { restart } = this.#vehicle;
    const { clock, bounded, lanesOf } = this.#options;
    this.#attempts.failed(clock.elapsed() - ended.startedMs, this.#waits);
    // An edit has a word of its own for what becomes of it.
    if (this.#again !== undefined) return;
    const left = `run ${ended.run.number} ${ended.farewell}`;
    const { inVain } = this.#attempts;
    const most = restart.giveUpAfter ?? (bounded ? 1 : Number.POSITIVE_INFINITY);
    if (restart.policy === 'never' || inVain >= most) {
      const gaveUp = restart.policy !== 'never' && restart.giveUpAfter !== null;
      this.#down = gaveUp ? 'gave up' : 'failed';
      const many = gaveUp ? ` after ${inVain} ${inVain === 1 ? 'start' : 'starts'} in vain` : '';
      const open = lanesOf(this.#vehicle).length > 0 ? ', and what it fed stays open' : '';
      this.#tell('warning', `${left}; it is not started again${many}${open}`);
      return;
    }
    const pause = this.#attempts.pause(restart);
    this.#tell('warning', `${left}; it is started again in ${formatDuration(pause)}`);
    this.#retry(pause, ended.run);
  }

  #retry(pause: Micros, run: RunNumber): void {
    const { clock } = this.#options;
    this.#retryAt = clock.now() + pause;
    this.#cancelRetry = clock.wake(this.#retryAt, () => this.#begin(run));
  }

  #tell(level: 'info' | 'warning', text: string): void {
    this.#options.notify({ level, about: `vehicle ${this.name}`, text });
  }
}

/** Whether two schedules are due at the same times; what else they say holds from the next time on. */
function sameTimes(a: Schedule | null, b: Schedule | null): boolean {
  return a?.cron === b?.cron && a?.timezone === b?.timezone;
}
