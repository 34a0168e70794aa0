/**
 * The vehicle of the program that Roundabout grew out of, with Qpid Proton, against both word counts, and
 * with a restart in the middle.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Place, root, until } from '../tools/product.ts';
import { hasProton } from '../tools/proton.ts';

const PYTHON = '/usr/bin/python3';
const proton = hasProton ? test : test.skip;
if (!hasProton) process.stderr.write('not run: the original vehicle, as Qpid Proton is not here\n');

let place: Place;
afterEach(() => place?.remove());

/**
 * Below the range from which systems give ports away: there another test's client could be given it before the
 * vehicle listens.
 */
function freePort(): Promise<number> {
  const port = randomInt(20_000, 30_000);
  return new Promise((done) => {
    const server = createServer()
      .once('error', () => done(freePort()))
      .listen(port, '127.0.0.1', () => server.close(() => done(port)));
  });
}

/** The shipped file, on ports nobody else has. */
function shipped(name: string, lane: number, amqp: number): string {
  return readFileSync(join(root, 'pipelines', name), 'utf8')
    .replace('localhost:9999', `localhost:${lane}`)
    .replace('127.0.0.1:5672', `127.0.0.1:${amqp}`);
}

class Vehicle {
  output = '';
  readonly left: Promise<number | null>;
  readonly #child;

  constructor(args: readonly string[]) {
    this.#child = spawn(PYTHON, ['-u', join(root, 'test/vehicles/original_vehicle.py'), ...args]);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (data) => {
        this.output += data;
      });
    }
    this.left = new Promise((done) => {
      this.#child.once('close', done);
    });
  }

  stop(): Promise<number | null> {
    this.#child.kill('SIGKILL');
    return this.left;
  }
}

/** Bodies of maps as Proton prints them: `{'word': 'a', 'count': 1}`. */
function words(output: string): number {
  return [...output.matchAll(/'count': (\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}

proton(
  'one count for each line with -m 1, a restart in the middle',
  async () => {
    const [lane, amqp] = [await freePort(), await freePort()];
    place = new Place(shipped('word-count.yaml', lane, amqp));
    const product = await place.run().ready();
    const vehicle = new Vehicle([
      ...['--port', String(lane), '--url', `localhost:${amqp}/examples`, '-m', '1', '--lines', '4'],
    ]);
    await until(() => vehicle.output.includes("'count'"));
    // It never reads its socket, which must not delay us.
    expect(await product.stop()).toBe(0);
    const held = /examples +numbered (\d+) += delivered (\d+) \+ held (\d+)/.exec(product.stderr);
    expect(held).not.toBeNull();
    await vehicle.stop();
    const second = await place.run().ready();
    const next = new Vehicle([
      ...['--port', String(lane), '--url', `localhost:${amqp}/examples`, '-m', '3', '--lines', '2'],
    ]);
    expect(await next.left).toBe(0);
    // Two rounds of three words each, none of them what the first vehicle had accepted.
    expect(words(next.output)).toBeGreaterThanOrEqual(6);
    const status = await place.status();
    const exit = status.exits.find((one) => one.name === 'examples');
    expect(exit?.delivered).toBeGreaterThanOrEqual(7);
    expect(await second.stop()).toBe(0);
    expect(second.stderr).toContain('adds up');
  },
  60_000,
);

proton(
  'a hundred numbered messages for each line, as it waits for by default',
  async () => {
    const [lane, amqp] = [await freePort(), await freePort()];
    place = new Place(shipped('word-count-numbered.yaml', lane, amqp));
    const product = await place.run().ready();
    const vehicle = new Vehicle([
      ...['--port', String(lane), '--url', `localhost:${amqp}/examples`, '--lines', '2'],
    ]);
    expect(await vehicle.left).toBe(0);
    const numbers = [...vehicle.output.matchAll(/'sequence': (\d+)/g)].map((match) =>
      Number(match[1]),
    );
    expect(numbers.length).toBe(200);
    expect(numbers.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await product.stop()).toBe(0);
  },
  60_000,
);
