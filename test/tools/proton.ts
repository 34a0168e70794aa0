/**
 * Python programs with Qpid Proton. Where it is missing their tests are skipped, visibly, unless
 * ROUNDABOUT_REQUIRE names `proton`: then they run, and fail.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';

const { ROUNDABOUT_REQUIRE = '' } = process.env;
const required = ROUNDABOUT_REQUIRE.split(',').includes('proton');
export const hasProton =
  required || spawnSync(PYTHON, ['-c', 'import proton'], { stdio: 'ignore' }).status === 0;

const running: ChildProcess[] = [];

export interface Ended {
  readonly status: number | null;
  /** What it printed, a line each. */
  readonly lines: string[];
  readonly errors: string;
}

/** Runs a program of test/amqp to its end. */
export function runPython(program: string, ...args: (string | number)[]): Promise<Ended> {
  const path = fileURLToPath(new URL(`../amqp/${program}`, import.meta.url));
  const child = spawn(PYTHON, [path, ...args.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, lines: output.split('\n').slice(0, -1), errors });
    });
  });
}

/** Ends programs that a failed test left behind. */
export function stopPython(): void {
  for (const child of running.splice(0)) child.kill('SIGKILL');
}
