/** A whole runner with two lanes for peers of every kind, and on each an honest connection beside them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { expect } from '@jest/globals';
import { Runner } from '../../src/runner/runner.ts';
import { systemClock } from '../../src/stream/clock.ts';
import type { RoundaboutError } from '../../src/stream/error.ts';
import { take } from './drain.ts';
import { topologyOf } from './flow-world.ts';
import { until } from './wait.ts';

export const LINE_MAX = 64 * 1024;
export const CONNECTIONS_MAX = 64;

const TOPOLOGY = `version: 1
name: hostile
http: false
amqp: { listen: 0 }
state: { durability: memory }
vehicles:
  v:
    lanes:
      records:
        listen: 0
        fields: { who: string, n: long, d: double }
        limits: { max_line: 64KiB, max_connections: ${CONNECTIONS_MAX} }
      texts: { listen: 0, codec: text, limits: { max_line: 64KiB, max_connections: ${CONNECTIONS_MAX} } }
operators:
  honest_records: { type: filter, from: records, where: who = 'honest' }
  honest_texts: { type: filter, from: texts, where: "startswith(line, 'honest ')" }
exits:
  records: { from: honest_records, for: v, fields: { n: n } }
  texts: { from: honest_texts, for: v }
`;

export type LaneName = 'records' | 'texts';

/** What became of the lines of those that are not honest. */
export interface Counts {
  readonly records: number;
  readonly bad: number;
  readonly torn: number;
  readonly empty: number;
}

export class LanePair {
  readonly runner: Runner;
  readonly failures: readonly RoundaboutError[];
  /** Its sockets by lane. */
  readonly #honest = new Map<LaneName, Socket>();
  readonly #sockets: Socket[] = [];
  #said = 0;
  /** Bytes that `send` and `speak` have written to each lane. */
  readonly #sent = { records: 0, texts: 0 };

  private constructor(runner: Runner, failures: readonly RoundaboutError[]) {
    this.runner = runner;
    this.failures = failures;
  }

  static async open(): Promise<LanePair> {
    const failures: RoundaboutError[] = [];
    const runner = await Runner.open({
      version: 'test',
      topology: topologyOf(TOPOLOGY),
      file: 'hostile.yaml',
      base: tmpdir(),
      stateDir: '',
      fresh: false,
      bounded: false,
      allowReset: new Set(),
      override: (topology) => topology,
      clock: systemClock,
      notify: () => {},
      onOutput: () => {},
      onFailure: (error) => failures.push(error),
      onStop: (error) => failures.push(error),
    });
    const pair = new LanePair(runner, failures);
    for (const lane of ['records', 'texts'] as const) {
      pair.#honest.set(lane, await pair.dial(lane));
    }
    pair.speak();
    return pair;
  }

  async dial(lane: LaneName): Promise<Socket> {
    const address = this.runner.lanes.get(lane)?.address;
    const socket = connect({ port: address?.port ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    this.#sockets.push(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** Writes in one piece and waits until the lane has taken it: a chunk ends where the piece does. */
  async send(socket: Socket, lane: LaneName, piece: string | Buffer): Promise<void> {
    this.#write(socket, lane, piece);
    const { lanes } = this.runner;
    await until(() => (lanes.get(lane)?.state().bytes ?? 0) >= this.#sent[lane]);
  }

  /** Connections of a lane. */
  open(lane: LaneName): number {
    return this.runner.lanes.get(lane)?.state().open ?? 0;
  }

  /** The honest connections each say one line more. */
  speak(): void {
    this.#said++;
    const lines = { records: `{"who":"honest","n":${this.#said}}`, texts: `honest ${this.#said}` };
    for (const [lane, socket] of this.#honest) this.#write(socket, lane, `${lines[lane]}\n`);
  }

  /**
   * Waits until only the honest ones are left, and all that they said has arrived in order, once each.
   * @returns what became of the other lines of a lane
   */
  async settle(lane: LaneName): Promise<Counts> {
    const alone = (name: LaneName): boolean => this.open(name) === 1;
    await until(() => alone('records') && alone('texts'));
    this.speak();
    const { shard } = this.runner;
    await until(() => shard.account().exits.every(({ received }) => received >= this.#said));
    await shard.settled();
    const numbers = Array.from({ length: this.#said }, (_, i) => i + 1);
    expect(await this.#taken('records')).toEqual(numbers.map((n) => ({ n })));
    expect(await this.#taken('texts')).toEqual(numbers.map((n) => ({ line: `honest ${n}` })));
    expect(this.failures).toEqual([]);
    const account = shard.account();
    expect(account.gaps).toEqual([]);
    expect(account.deadLetters).toBe(account.lanes.reduce((sum, { bad }) => sum + bad, 0));
    const found = account.lanes.find(({ name }) => name === lane);
    if (found === undefined) throw new Error(`no lane ${lane}`);
    const { records, bad, torn, empty } = found;
    return { records: records - this.#said, bad, torn, empty };
  }

  /** The reasons of the dead letters, each once, in the order they came. */
  async reasons(): Promise<readonly string[]> {
    const letters = (await this.#taken('dead_letter')) as readonly { readonly reason: string }[];
    return [...new Set(letters.map(({ reason }) => reason))];
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.runner.stop();
  }

  #write(socket: Socket, lane: LaneName, piece: string | Buffer): void {
    this.#sent[lane] += Buffer.byteLength(piece);
    socket.write(piece);
  }

  /** What a receiver at this address is given, all of it. */
  async #taken(address: string): Promise<readonly unknown[]> {
    const { amqp, exits } = this.runner.status();
    const held = exits.find((exit) => exit.address === address)?.held ?? 0;
    return (await take(amqp, address, held, true, 1000)).map(({ body }) => body);
  }
}
