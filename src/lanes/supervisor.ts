/**
 * One run of a vehicle's program: started, its output named and bounded, stopped with all it has
 * started itself. When a run begins and what its end means is the runner's business.
 */
import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cancel, Clock } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import { Output } from './output.ts';
import { forgetGroup, signalGroup, spawnGroup } from './process-group.ts';

/** Time to finish after TERM; then KILL. */
const GRACE_MS = 5000;
/** How often to look whether a group that got TERM is empty. */
const LOOK_EVERY_MS = 50;
/** What left the group on purpose may hold our ends of its streams open; it is no longer listened to. */
const DRAIN_MS = 1000;

export interface ProgramOptions {
  /** Program and arguments; a program without a slash is looked for in PATH. */
  readonly command: readonly string[];
  /** The folder of the file. */
  readonly base: string;
  /** Where it starts, from `base`; null: there. */
  readonly cwd: string | null;
  /** Besides PATH, HOME, LANG and TZ. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** A line of its output or error output, printable, without its end. */
  readonly onOutput: (line: string) => void;
}

/** How a program left: by itself with a code, by a signal, or (problem) it never started. */
export interface Left {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started, one sentence without a full stop; null: it was. */
  readonly problem: string | null;
}

export interface Program {
  /** undefined: it could not be started. */
  readonly pid: number | undefined;
  /**
   * Resolves when the program has left, nothing of its group is left, all its output has been given to
   * `onOutput`, and connections it had made have been accepted. Never rejects.
   */
  readonly left: Promise<Left>;
  /** The last 100 lines of its output. */
  lastLines(): readonly string[];
  /** Closes its input, TERM to the group, KILL after 5 s. Resolves with `left`. */
  stop(): Promise<Left>;
}

export function startProgram(options: ProgramOptions): Program {
  const { command, base, cwd, env, clock } = options;
  const folder = resolve(base, cwd ?? '.');
  let child: ChildProcess;
  try {
    child = spawnGroup(command, folder, env);
  } catch (error) {
    return neverStarted(startProblem(error as NodeJS.ErrnoException, command[0], folder));
  }
  const output = new Output(clock, options.onOutput);
  const ending = new GroupEnd(child.pid, clock);
  const drained = drain(child, output);
  // A program may leave without having read its input.
  child.stdin?.on('error', () => {});
  const left = departure(child, command[0], folder).then(async (how) => {
    if (how.problem !== null) return how;
    // What it has started is part of it and ends with it.
    await ending.end();
    await drained();
    output.close();
    await nextPoll();
    return how;
  });
  return {
    pid: child.pid,
    left,
    lastLines: () => output.last,
    stop: async () => {
      child.stdin?.end();
      await ending.end();
      return left;
    },
  };
}

function neverStarted(problem: string): Program {
  const left = Promise.resolve({ code: null, signal: null, problem });
  return { pid: undefined, left, lastLines: () => [], stop: () => left };
}

function departure(
  child: ChildProcess,
  program: string | undefined,
  folder: string,
): Promise<Left> {
  return new Promise((done) => {
    child.once('exit', (code, signal) => done({ code, signal, problem: null }));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) {
        done({ code: null, signal: null, problem: startProblem(error, program, folder) });
      }
    });
  });
}

/**
 * Gives all that the program prints to `output`.
 * @returns resolves when both streams have ended; called once nobody should be there to write
 */
function drain(child: ChildProcess, output: Output): () => Promise<void> {
  const sources = [child.stdout, child.stderr].filter((source) => source != null);
  const ended = Promise.all(
    sources.map((source) => {
      const lines = output.stream();
      source.on('data', (bytes: Buffer) => lines.write(bytes));
      return new Promise<void>((done) => {
        source.once('close', () => {
          lines.end();
          done();
        });
      });
    }),
  );
  return async () => {
    const patience = setTimeout(() => {
      for (const source of sources) source.destroy();
    }, DRAIN_MS);
    await ended;
    clearTimeout(patience);
  };
}

/** The end of a process group: TERM once, KILL after the grace. */
class GroupEnd {
  readonly #group: number | undefined;
  readonly #clock: Clock;
  #ended: Promise<void> | undefined;

  constructor(group: number | undefined, clock: Clock) {
    this.#group = group;
    this.#clock = clock;
  }

  /** Resolves when the group is empty, or as empty as KILL can make it. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  #end(): Promise<void> {
    const group = this.#group;
    if (group === undefined) return Promise.resolve();
    return new Promise((done) => {
      let look: NodeJS.Timeout | undefined;
      let cancelKill: Cancel = () => {};
      const finish = (): void => {
        clearInterval(look);
        cancelKill();
        forgetGroup(group);
        done();
      };
      if (!signalGroup(group, 'SIGTERM')) {
        finish();
        return;
      }
      look = setInterval(() => {
        if (!signalGroup(group, 0)) finish();
      }, LOOK_EVERY_MS);
      cancelKill = this.#clock.wake(this.#clock.now() + GRACE_MS * MICROS_PER_MS, () => {
        signalGroup(group, 'SIGKILL');
        finish();
      });
    });
  }
}

/**
 * Connections that a program had made before it left may still wait to be accepted. Of two rounds of
 * the loop one is whole, and a listener takes all that wait in one round.
 */
function nextPoll(): Promise<void> {
  return new Promise((done) => setImmediate(() => setImmediate(done)));
}

function startProblem(error: NodeJS.ErrnoException, program = '', folder: string): string {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) return `its folder ${folder} does not exist`;
  if (error.code === 'ENOENT') {
    return program.includes('/')
      ? `there is no program ${resolve(folder, program)}`
      : `the program "${program}" was not found in PATH`;
  }
  if (error.code === 'EACCES') return `the program "${program}" may not be executed`;
  return `the program "${program}" could not be started: ${error.message}`;
}
