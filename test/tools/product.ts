/** The product as a process, built: started, watched, asked, stopped or killed. Nothing in it is replaced. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askControl } from '../../src/runner/control.ts';
import type { Status } from '../../src/runner/status.ts';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(root, 'bin', 'roundabout.js');
const FLAGS = ['--disallow-code-generation-from-strings'];

/** Waits for a condition, never for a time; the test's own time-out is the bound. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
}

export class Product {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;
  readonly process: ChildProcess;
  #code: number | null | undefined;

  /** @param limit what the shell is told before it becomes the product, such as `ulimit -f 4096` */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    limit: string = ':',
  ) {
    const command = [process.execPath, ...FLAGS, bin, ...args];
    this.process = spawn('/bin/sh', ['-c', `${limit}; exec "$@"`, 'sh', ...command], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    });
    this.process.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.process.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.exited = new Promise((done) => {
      this.process.once('close', (code) => {
        this.#code = code;
        done(code);
      });
    });
  }

  /** Resolves when it says that it is ready; rejects with what it printed if it ends before. */
  async ready(): Promise<this> {
    await until(() => this.stderr.includes('ready.') || this.#code !== undefined);
    if (!this.stderr.includes('ready.'))
      throw new Error(`it ended with ${this.#code}: ${this.stderr}`);
    return this;
  }

  stop(): Promise<number | null> {
    this.process.kill('SIGTERM');
    return this.exited;
  }

  kill(): Promise<number | null> {
    this.process.kill('SIGKILL');
    return this.exited;
  }
}

/** A folder for one test: a topology file, and its state directory, gone at the end. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'roundabout-test-'));
  readonly file = join(this.folder, 'flow.yaml');
  readonly state: string;

  /** @param state its state directory, where that is not to lie in the folder */
  constructor(topology: string, state?: string) {
    this.state = state ?? join(this.folder, 'state');
    this.write(topology);
  }

  write(topology: string): void {
    writeFileSync(this.file, topology);
  }

  run(...args: readonly string[]): Product {
    return new Product(['run', this.file, '--state-dir', this.state, ...args]);
  }

  async status(): Promise<Status> {
    return (await until(() => askControl(this.state))) as Status;
  }

  /** Connects to a lane that listens. */
  async dial(lane: string): Promise<Socket> {
    const found = (await this.status()).lanes.find((one) => one.name === lane);
    return connect(Number(found?.address.split(':').pop()), '127.0.0.1');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ends a connection and waits until it is closed on both sides. */
export function finish(socket: Socket): Promise<void> {
  return new Promise((done) => {
    socket.resume();
    socket.once('close', () => done());
    socket.end();
  });
}
