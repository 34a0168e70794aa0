/** Scheduled, failing and sleeping vehicles in the product itself: real sockets, the system's clock, exit codes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { statusLines } from '../../src/cli/status-lines.ts';
import type { VehicleStatus } from '../../src/runner/status.ts';
import { Place, type Product, root, until } from '../tools/product.ts';

let place: Place;
let product: Product | undefined;

beforeEach(() => {
  product = undefined;
  place = new Place('');
});
afterEach(async () => {
  await product?.kill();
  place.remove();
});

/** Sends three records of an hour to its lane, and leaves; with 3 in its first attempts. */
const FEEDER = `
import { connect } from 'node:net';
import { appendFileSync, readFileSync } from 'node:fs';
const { ROUNDABOUT_RUN: run, ROUNDABOUT_PLANNED: planned, ROUNDABOUT_LANE_SALES: lane } = process.env;
appendFileSync('runs.txt', run + ' ' + planned + '\\n');
const attempts = readFileSync('runs.txt', 'utf8').trim().split('\\n').length;
const [host, port] = lane.split(':');
const socket = connect(Number(port), host);
for (let id = 1; id <= 3; id++) socket.write(JSON.stringify({ id, at: '2026-01-01T0' + run + ':00:00Z' }) + '\\n');
socket.end();
socket.resume();
socket.on('close', () => process.exit(attempts <= Number(process.argv[2] ?? 0) ? 3 : 0));
`;

function flow(vehicle: string): string {
  return `version: 1
name: sums
http: false
amqp: { listen: 0 }
vehicles:
  feeder:
    command: [node, feeder.mjs, "0"]
${vehicle}    lanes:
      sales: { fields: { id: long, at: timestamp }, event_time: at }
operators:
  hours: { type: aggregate, from: sales, window: { tumble: 1h }, fields: { n: count(*) } }
exits:
  hours: { from: hours }
`;
}

function write(vehicle: string, failures = 0): void {
  writeFileSync(join(place.folder, 'feeder.mjs'), FEEDER);
  place.write(flow(vehicle).replace('"0"', `"${failures}"`));
}

const EACH_SECOND = '    schedule: { cron: "* * * * * *" }\n';

async function vehicleOf(name: string): Promise<VehicleStatus | undefined> {
  return (await place.status()).vehicles.find((one) => one.name === name);
}

describe('a vehicle with a schedule', () => {
  test('closes the windows of each run at its end, though nothing newer comes', async () => {
    write(EACH_SECOND);
    product = await place.run().ready();
    // By event time the hour of the first run is over only when the second has come: it does not wait for that.
    await until(async () => {
      const { exits, account } = await place.status();
      const [{ records }] = account.lanes;
      return exits[0].held >= 2 && exits[0].held * 3 >= records;
    });
    const text = statusLines(await place.status());
    expect(text).toMatch(/feeder +(scheduled|running) +run \d+ .*next 20\d\d-/);
    expect(await product.stop()).toBe(0);
  });

  test('lets a drain end when it has had a run', async () => {
    write(EACH_SECOND);
    product = place.run('--until', 'drained');
    expect(await product.exited).toBe(0);
    expect(product.stderr).toMatch(/sales +lines [369]/);
    expect(product.stderr).toMatch(/hours +numbered [123]/);
  });
});

describe('a vehicle that fails', () => {
  test('is started again, and a drain ends well if it comes to its end at last', async () => {
    write('    restart: { backoff: { initial: 100ms }, give_up_after: 3 }\n', 2);
    product = place.run('--until', 'drained');
    expect(await product.exited).toBe(0);
    expect(product.stderr).toContain(
      'vehicle feeder: run 1 left with exit code 3; it is started again in 200ms',
    );
    // A plain lane brings all of it again.
    expect(product.stderr).toMatch(/sales +lines 9/);
  });

  test('ends a drain with 4 at once where nothing says that it should be started again', async () => {
    write('', 1);
    product = place.run('--until', 'drained');
    expect(await product.exited).toBe(4);
    expect(product.stderr).toContain('run 1 left with exit code 3; it is not started again');
  });

  test('for good makes the exit code 4, whoever stops the flow', async () => {
    write('    restart: { backoff: { initial: 100ms }, give_up_after: 2 }\n', 9);
    product = await place.run().ready();
    await until(async () => (await vehicleOf('feeder'))?.state === 'gave up');
    expect(statusLines(await place.status())).toMatch(
      /feeder +gave up +run 1 +exit code 3 at \S+ +2 failures in a row\n/,
    );
    expect(await product.stop()).toBe(4);
    expect(product.stderr).toContain('adds up');
  });
});

test('the nightly flow that is shipped: sums at the end of the run, and a clerk that is woken for them', async () => {
  const shipped = readFileSync(join(root, 'pipelines/nightly.yaml'), 'utf8');
  place.write(
    shipped
      .replace('"15 2 * * *"', '"* * * * * *"')
      .replaceAll('vehicles/', `${join(root, 'pipelines/vehicles')}/`),
  );
  product = await place.run().ready();
  await until(async () => {
    const clerk = await vehicleOf('clerk');
    return clerk?.state === 'asleep' && clerk.run === 1;
  });
  // Which sums these are follows from the day; that they are those of one run, from their number.
  const { stdout } = product;
  expect(stdout.match(/^clerk \| (ann got 22|bob got 26|eve got 30)\.00 on /gm)).toHaveLength(3);
  expect((await place.status()).exits[0]).toMatchObject({ numbered: 3, delivered: 3 });
  expect(await product.stop()).toBe(0);
});

test('a vehicle that sleeps comes when enough waits, takes that and leaves', async () => {
  place.write(`version: 1
name: office
http: false
amqp: { listen: 0 }
vehicles:
  till: { lanes: { sales: { listen: 0, codec: text } } }
  clerk:
    command: ["${process.execPath}", clerk.mjs]
    wake: { after_records: 3 }
exits:
  sales: { from: sales, for: clerk }
`);
  const rhea = import.meta.resolve('rhea');
  writeFileSync(
    join(place.folder, 'clerk.mjs'),
    `import rhea from '${rhea}';
const { ROUNDABOUT_AMQP, ROUNDABOUT_EXIT_SALES } = process.env;
const [host, port] = ROUNDABOUT_AMQP.split(':');
let taken = 0;
rhea.on('message', ({ message, delivery, connection }) => {
  if (taken === 3) return;
  console.log(message.body.line);
  delivery.accept();
  if (++taken === 3) connection.close();
});
rhea.on('connection_close', () => process.exit(0));
const connection = rhea.connect({ host, port, reconnect: false });
connection.open_receiver({ source: ROUNDABOUT_EXIT_SALES, autoaccept: false, credit_window: 1 });
`,
  );
  product = await place.run().ready();
  const socket = await place.dial('sales');
  socket.write('one\ntwo\n');
  await until(async () => (await place.status()).exits[0].held === 2);
  expect((await vehicleOf('clerk'))?.state).toBe('asleep');
  for (const round of [1, 2]) {
    socket.write('three\nfour\nfive\n');
    await until(async () => (await place.status()).exits[0].delivered >= round * 3);
    await until(async () => (await vehicleOf('clerk'))?.state === 'asleep');
  }
  expect(product.stdout.split('\n').filter((line) => line.startsWith('clerk'))).toHaveLength(6);
  expect((await vehicleOf('clerk'))?.run).toBe(2);
  socket.end();
  expect(await product.stop()).toBe(0);
});
