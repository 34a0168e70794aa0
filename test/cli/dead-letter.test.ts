/** The receiver that refuses, of docs/vehicles.md: its file, its program, its data, its commands. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import rhea from 'rhea';
import { validateText } from '../../src/rules/validate.ts';
import { Place, Product, root, until } from '../tools/product.ts';

const DOCS = readFileSync(join(root, 'docs', 'vehicles.md'), 'utf8');

function block(language: string, index = 0): string {
  const all = [...DOCS.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  const found = all[index]?.[1];
  if (found === undefined) throw new Error(`docs/vehicles.md has no block ${index} of ${language}`);
  return found;
}

let place: Place;
let running: Product | undefined;
afterEach(async () => {
  await running?.kill();
  place.remove();
});

async function call(...args: string[]): Promise<Product & { code: number | null }> {
  const product = new Product([...args, '--state-dir', place.state]);
  const code = await product.exited;
  return Object.assign(product, { code });
}

describe('a receiver that refuses', () => {
  test('as the docs have it: the refused parcel is where the clerk finds it, and the account adds up', async () => {
    const flow = block('yaml');
    const { findings } = validateText(flow, 'parcels.yaml');
    expect(findings.map(({ rule }) => rule)).toEqual(['no-tests']);
    place = new Place(flow);
    const data = join(place.folder, 'parcels.ndjson');
    writeFileSync(data, block('json'));
    writeFileSync(join(place.folder, 'courier.mjs'), block('js'));
    symlinkSync(join(root, 'node_modules'), join(place.folder, 'node_modules'));
    const commands = `${block('sh', 0)}${block('sh', 1)}`.trim().split('\n');
    expect(commands).toEqual([
      'roundabout run parcels.yaml',
      'roundabout vehicle send parcels parcels.ndjson',
      'roundabout vehicle recv dead_letter --count 1 --ack',
      'roundabout status',
    ]);
    running = await place.run().ready();
    expect((await call('vehicle', 'send', 'parcels', data)).code).toBe(0);
    const received = await call('vehicle', 'recv', 'dead_letter', '--count', '1', '--ack');
    expect(received.code).toBe(0);
    const { id, body } = JSON.parse(received.stdout);
    expect({ id, body }).toMatchObject({
      id: 1,
      body: {
        reason: 'rejected',
        detail: 'courier:no-address: where does 2 go?',
        element: 'deliveries',
        connection: null,
        line: null,
        id: 2,
      },
    });
    const original = Buffer.from(body.bytes.base64, 'base64');
    expect(original.length).toBe(body.size);
    expect(rhea.message.decode(original)).toMatchObject({
      message_id: 2,
      body: { id: 2, to: null },
    });
    const { stdout } = running;
    expect(stdout).toContain('courier | parcel 1 to Lisbon');
    const status = await call('status');
    expect(status.stdout).toMatch(/deliveries .*1 delivered +1 moved/);
    expect(await running.stop()).toBe(0);
    expect(running.stderr).toContain('message 2 goes to the dead letter: rejected, courier:no-add');
    expect(running.stderr).toMatch(/deliveries +numbered 2 += delivered 1 \+ moved 1 \+ held 0/);
    expect(running.stderr).toMatch(/dead_letter +numbered 1 += delivered 1 \+ held 0/);
    expect(running.stderr).toContain('adds up');
  });

  test('whoever only looks, looks as often as it likes: nothing is charged', async () => {
    const flow = block('yaml').replace('    command: [node, courier.mjs]\n', '    cwd: .\n');
    place = new Place(flow);
    const data = join(place.folder, 'parcels.ndjson');
    writeFileSync(data, block('json'));
    running = await place.run().ready();
    expect((await call('vehicle', 'send', 'parcels', data)).code).toBe(0);
    await until(async () => (await place.status()).exits[0].held === 2);
    for (let look = 1; look <= 4; look++) {
      const seen = await call('vehicle', 'recv', 'deliveries', '--count', '2');
      expect(seen.stdout.split('\n').filter((line) => line !== '').length).toBe(2);
    }
    const [deliveries] = (await place.status()).exits;
    expect(deliveries).toMatchObject({ held: 2, moved: 0 });
  });
});
