/** The README as a newcomer follows it: its file, its data, its commands, in a folder of their own. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';
import { Place, Product, root, until } from '../tools/product.ts';

const YAML = /```yaml\n([\s\S]*?)```/g;
const README = readFileSync(join(root, 'README.md'), 'utf8');

function block(language: string, index = 0): string {
  const all = [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  return all[index]?.[1] ?? '';
}

let place: Place | undefined;
let running: Product | undefined;
afterEach(async () => {
  await running?.kill();
  place?.remove();
  running = undefined;
});

async function call(...args: string[]): Promise<Product & { code: number | null }> {
  const product = new Product(args);
  const code = await product.exited;
  return Object.assign(product, { code });
}

describe('first steps', () => {
  test('the README: validate, run, send, receive, status', async () => {
    place = new Place(block('yaml'));
    const data = join(place.folder, 'rings.ndjson');
    writeFileSync(data, `${block('json')}not a record\n`);
    const commands = `${block('sh', 1)}${block('sh', 2)}`.trim().split('\n');
    expect(commands.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      'validate doorbell.yaml',
      'run doorbell.yaml',
      'vehicle send',
      'vehicle recv',
      'status',
    ]);
    const where = ['--state-dir', place.state];
    expect((await call('validate', place.file)).code).toBe(0);
    running = await place.run().ready();
    const sent = await call('vehicle', 'send', 'rings', data, ...where);
    expect(sent.code).toBe(0);
    const received = await call('vehicle', 'recv', 'busy', '--count', '1', '--ack', ...where);
    expect(received.code).toBe(0);
    expect(JSON.parse(received.stdout)).toEqual({
      id: 1,
      body: { door: 'front', minute: '2026-01-01T10:00:00.000Z', rings: 2 },
    });
    const dead = await call('vehicle', 'recv', 'dead_letter', ...where);
    expect(JSON.parse(dead.stdout).body).toMatchObject({
      reason: 'not-json',
      element: 'rings',
      line: 4,
      bytes: 'not a record',
    });
    const status = await call('status', ...where);
    expect(status.code).toBe(0);
    expect(status.stdout).toContain('3 records');
    expect(await running.stop()).toBe(0);
    expect(running.stderr).toContain('adds up');
  });

  test('the quickstart, twice: as much the second time, the account adds up, exit code 0', async () => {
    place = new Place('');
    const rows: number[] = [];
    for (let run = 1; run <= 2; run++) {
      const args = ['run', 'pipelines/quickstart.yaml', '--state-dir', place.state];
      const product = new Product([...args, '--until', 'drained']);
      expect(await product.exited).toBe(0);
      expect(product.stderr).toContain('adds up');
      rows.push([...product.stdout.matchAll(/^board \| 20\d\d-/gm)].length);
    }
    expect(rows[0]).toBeGreaterThan(10);
    expect(rows[1]).toBeGreaterThan(10);
  });

  test('every topology in the docs is valid', () => {
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    let found = 0;
    for (const page of ['README.md', ...pages.map((name) => join('docs', name))]) {
      for (const [, text] of readFileSync(join(root, page), 'utf8').matchAll(YAML)) {
        if (!/^version: 1$/m.test(text)) continue; // a part of one; its page's own test tries it
        found++;
        const { findings } = validateText(text, page);
        // A note is no reproach.
        const told = findings.filter(({ severity }) => severity !== 'info');
        expect([page, told]).toEqual([page, []]);
      }
    }
    expect(found).toBeGreaterThanOrEqual(3);
  });
});

describe('likely mistakes', () => {
  const FLOW = block('yaml');

  test('a port in use ends with exit code 3 and says which', async () => {
    place = new Place(FLOW);
    running = await place.run().ready();
    const { amqp } = await place.status();
    const other = await call('run', place.file, '--state-dir', `${place.state}2`, '--amqp', amqp);
    expect(other.code).toBe(3);
    expect(other.stderr).toContain('port-in-use');
  });

  test('a state directory in use ends with exit code 3 and names the process', async () => {
    place = new Place(FLOW);
    running = await place.run().ready();
    const other = await call('run', place.file, '--state-dir', place.state);
    expect(other.code).toBe(3);
    expect(other.stderr).toContain(`process ${running.process.pid}`);
  });

  test('an edit while nothing ran that would lose open windows is refused with what to write; else it comes into force', async () => {
    const open = FLOW.replace(/ *at_end: finish.*\n/, '');
    const here = new Place(open);
    place = here;
    const data = join(place.folder, 'rings.ndjson');
    writeFileSync(data, block('json'));
    running = await place.run().ready();
    expect((await call('vehicle', 'send', 'rings', data, '--state-dir', place.state)).code).toBe(0);
    await until(async () => (await here.status()).account.lanes[0].records > 0);
    expect(await running.stop()).toBe(0);
    place.write(open.replace('tumble: 1m', 'tumble: 5m'));
    const refused = await call('run', place.file, '--state-dir', place.state);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('flow-changed');
    expect(refused.stderr).toContain('"busy" cannot keep its state');
    expect(refused.stderr).toContain('state: { on_change: reset }');
    expect(refused.stderr).toContain('--fresh');
    running = await place.run('--allow-reset', 'busy').ready();
    expect(running.stderr).toContain('revision 2');
    expect(await running.stop()).toBe(0);
    place.write(open.replace('tumble: 1m', 'tumble: 10m'));
    running = await place.run('--fresh').ready();
    expect(await running.stop()).toBe(0);
  });

  test('a typo in the file ends with exit code 1, its place and a suggestion', async () => {
    place = new Place(FLOW.replace('from: rings', 'from: ring'));
    const { code, stderr } = await call('run', place.file, '--state-dir', place.state);
    expect(code).toBe(1);
    expect(stderr).toContain('dangling-reference');
    expect(stderr).toContain('did you mean "rings"');
  });

  test('no file, a wrong flag, an unknown command, a wrong name: exit code 2', async () => {
    place = new Place(FLOW);
    expect((await call('run', 'nowhere.yaml')).code).toBe(2);
    expect((await call('run', place.file, '--until', 'soon')).code).toBe(2);
    expect((await call('rum')).code).toBe(2);
    expect((await call('status', '--state-dir', place.state)).code).toBe(2);
    running = await place.run().ready();
    const wrong = await call('vehicle', 'recv', 'bussy', '--state-dir', place.state);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('did you mean "busy"');
  });

  test('a vehicle that fails under --until drained ends in exit code 4', async () => {
    const command = "command: [node, -e, 'process.exit(3)']";
    place = new Place(
      FLOW.replace('  porch:\n', `  porch:\n    ${command}\n`).replace('        listen: 0\n', ''),
    );
    const product = place.run('--until', 'drained');
    expect(await product.exited).toBe(4);
    expect(product.stderr).toContain('exit code 3');
  });

  test('help and version', async () => {
    expect((await call('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const help = await call('--help');
    expect(help.code).toBe(0);
    for (const name of ['run', 'validate', 'status', 'vehicle'])
      expect(help.stdout).toContain(name);
  });
});
