/** What comes from outside of the file: parameters by flag, the environment, files, and secrets that stay secret. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Place, Product, until } from '../tools/product.ts';

const SECRET = 'correct-horse-battery-staple';
const VARIABLE = 'hunter2-of-the-environment';
const ref = (inner: string): string => `${'$'}{${inner}}`;

const FLOW = `version: 1
name: flow
http: false
amqp: { listen: 0 }
params: { least: 10 }
vehicles:
  shop:
    secret: "${ref('file:keys/shop')}"
    command: [node, -e, "console.log('length', process.env.TOKEN.length); setInterval(() => {}, 9999)"]
    env: { TOKEN: "${ref('env:TOKEN')}" }
    lanes:
      in: { listen: "${ref('env:PORT:-0')}", fields: { id: long } }
operators:
  large: { type: filter, from: in, where: id >= params.least }
exits:
  out: { from: large, for: shop }
  open: { from: large }
`;

let place: Place;
const running: Product[] = [];
afterEach(async () => {
  for (const product of running.splice(0)) await product.kill();
  place.remove();
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Product {
  const product = new Product(args, env);
  running.push(product);
  return product;
}

async function call(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const product = start(args, env);
  const code = await product.exited;
  return { code, out: product.stdout, err: product.stderr };
}

function newPlace(): Place {
  const made = new Place(FLOW);
  mkdirSync(join(made.folder, 'keys'));
  writeFileSync(join(made.folder, 'keys/shop'), `${SECRET}\n`);
  return made;
}

async function send(...ids: readonly number[]): Promise<void> {
  const socket = await place.dial('in');
  socket.end(ids.map((id) => `{"id":${id}}\n`).join(''));
  await new Promise((done) => socket.once('close', done));
}

/** Every file below the state directory, as it is. */
function stored(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(name).isFile())
    .map((name) => readFileSync(name, 'latin1'))
    .join('\n');
}

describe('a flow with parameters and secrets', () => {
  test('runs with what is outside, shows no secret, and keeps a flag at an edit', async () => {
    place = newPlace();
    const where = ['--state-dir', place.state];
    const runner = start(['run', place.file, ...where, '--set', 'params.least=5'], {
      TOKEN: VARIABLE,
    });
    await runner.ready();
    await until(() => runner.stdout.includes(`shop | length ${VARIABLE.length}`));
    await send(4, 5, 12);

    const recv = ['vehicle', 'recv', 'out', '--count', '2', ...where];
    const unnamed = await call(recv);
    expect(unnamed.code).not.toBe(0);
    expect(unnamed.err).toContain('for a vehicle that logs in');
    const named = await call([...recv, '--as', 'shop'], { ROUNDABOUT_SECRET: SECRET });
    expect(named.out).toBe('{"id":1,"body":{"id":5}}\n{"id":2,"body":{"id":12}}\n');
    const wrong = await call([...recv, '--as', 'shop'], { ROUNDABOUT_SECRET: 'wrong' });
    expect(wrong.err).toContain('login was refused');
    expect((await call(['vehicle', 'recv', 'open', ...where])).code).toBe(0);

    const planned = await call(['plan', place.file, ...where, '--set', 'params.least=7']);
    expect(planned.out).toContain('params.least 5 -> 7');
    place.write(FLOW.replace('least: 10', 'least: 20').replace('id >=', 'id >'));
    const reloaded = await call(['reload', ...where]);
    expect(reloaded.code).toBe(0);
    expect(reloaded.err).toContain('id >= params.least -> id > params.least');
    expect(reloaded.err).not.toContain('20');

    const status = await call(['status', ...where]);
    expect(await runner.stop()).toBe(0);
    const shown = [runner.stderr, runner.stdout, status.out, planned.out, reloaded.err, wrong.err];
    const everything = [...shown, stored(place.state)].join('\n');
    expect(everything).toContain(ref('file:keys/shop'));
    expect(everything).not.toContain(SECRET);
    expect(everything).not.toContain(VARIABLE);
  });

  test('does not start without what it refers to, and says where', async () => {
    place = newPlace();
    const { code, err } = await call(['run', place.file, '--state-dir', place.state]);
    expect(code).toBe(1);
    expect(err).toContain('env-undefined');
    expect(err).toContain(`${place.file}:10:20`);
  });

  test('is validated without looking outside, or as run would with --env', async () => {
    place = newPlace();
    expect((await call(['validate', place.file])).code).toBe(0);
    const looked = await call(['validate', '--env', place.file]);
    expect(looked.code).toBe(1);
    expect(looked.out).toContain(`"${ref('env:TOKEN')}" is not set`);
    expect(looked.out).toContain('it lies outside of');
    const set = await call(['validate', place.file, '--set', 'params.least=many']);
    expect(set.out).toContain('--set gives "least" the value "many", which is no long');
    expect((await call(['validate', place.file, '--set', 'least=3'])).code).toBe(2);
  });
});

describe('a vehicle with several lanes', () => {
  test('finds each in its environment, and its run ends when all of them have ended', async () => {
    place = new Place(`version: 1
name: flow
http: false
amqp: { listen: 0 }
vehicles:
  shop:
    command:
      - node
      - -e
      - |
        const { connect } = require('node:net');
        const port = (lane) => Number(process.env['ROUNDABOUT_LANE_' + lane].split(':').pop());
        connect(port('ORDERS')).end('{"id":1}\\n{"id":2}\\n');
        connect(port('REFUNDS')).end('{"id":-1}\\n');
    lanes:
      orders: { fields: { id: long }, at_end: finish }
      refunds: { fields: { id: long }, at_end: finish }
operators:
  all: { type: union, from: [orders, refunds] }
exits:
  out: { from: all }
`);
    const runner = start(['run', place.file, '--state-dir', place.state]);
    await runner.ready();
    const exit = await until(async () => {
      const { exits, vehicles } = await place.status();
      return vehicles[0].state === 'left' && exits.find(({ held }) => held === 3);
    });
    expect(exit.numbered).toBe(3);
    expect(await runner.stop()).toBe(0);
    expect(runner.stderr).toContain('adds up');
  });
});
