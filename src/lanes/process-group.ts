/**
 * A program in a process group of its own, so that a signal reaches what it has started too. Groups
 * that are alive when this process ends are killed with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** A program inherits these and nothing else: our environment may hold secrets. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ'] as const;

const alive = new Set<number>();

function killAlive(): void {
  for (const group of alive) signalGroup(group, 'SIGKILL');
}

/**
 * Starts a program without a shell. That it was not found comes as the child's `error`; the system may
 * also refuse at once, and then this throws.
 * @param command program and arguments
 * @param env besides what is inherited; wins over it
 */
export function spawnGroup(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const [program = '', ...args] = command;
  const environment: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  const child = spawn(program, args, {
    cwd,
    env: { ...environment, ...env },
    detached: true,
    shell: false,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) {
    if (alive.size === 0) process.on('exit', killAlive);
    alive.add(child.pid);
  }
  return child;
}

/** @returns false: nobody is left in the group */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/** The group is empty, or has had its KILL: its number may soon be another's. */
export function forgetGroup(group: number): void {
  alive.delete(group);
  if (alive.size === 0) process.off('exit', killAlive);
}
