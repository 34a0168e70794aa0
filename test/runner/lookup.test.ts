/** The table of a running flow: followed, refused, edited, killed with, by the product as a process. */
import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { take } from '../tools/drain.ts';
import { finish, Place, type Product, until } from '../tools/product.ts';

const FLOW = `version: 1
name: lookup
http: false
amqp: { listen: 0 }
vehicles:
  shop:
    lanes:
      bids: { listen: 0, fields: { id: long, bidder: long } }
operators:
  named:
    type: lookup
    from: bids
    key: bidder
    kind: left
    table: { file: users.ndjson, fields: { uid: long, name: string }, key: uid }
exits:
  out: { from: named, for: shop, fields: [id, name] }
`;

let place: Place;
let product: Product;
let socket: Socket | undefined;
afterEach(async () => {
  socket?.destroy();
  await product?.kill();
  place?.remove();
});

function users(names: Readonly<Record<number, string>>): string {
  return Object.entries(names)
    .map(([uid, name]) => `{"uid":${uid},"name":"${name}"}\n`)
    .join('');
}

function save(content: string, file = 'users.ndjson'): void {
  const aside = join(place.folder, 'aside.tmp');
  writeFileSync(aside, content);
  renameSync(aside, join(place.folder, file));
}

function begun(content: string, flow = FLOW): void {
  place = new Place(flow);
  save(content);
}

async function started(content: string, ...args: string[]): Promise<void> {
  begun(content);
  product = await place.run(...args).ready();
  socket = await place.dial('bids');
}

let sent = 0;
async function bid(bidder: number): Promise<void> {
  socket?.write(`{"id":${sent++},"bidder":${bidder}}\n`);
  await until(async () => (await place.status()).exits[0].numbered === sent);
}

/** Waits for what the runner says of a change. */
async function said(words: RegExp, change: () => void): Promise<string> {
  const from = product.stderr.length;
  change();
  await until(() => words.test(product.stderr.slice(from)));
  return product.stderr.slice(from);
}

async function names(count: number): Promise<unknown[]> {
  const { amqp } = await place.status();
  const messages = await take(amqp, 'out', count, false);
  return messages.map(({ body }) => Object(body).name);
}

async function endsWith(code: number, words: RegExp): Promise<void> {
  expect([await product.exited, product.stderr]).toEqual([code, expect.stringMatching(words)]);
}

describe('the table of a lookup', () => {
  test('is loaded again when its file is saved; a bad one changes nothing; a restart meets what was met', async () => {
    sent = 0;
    await started(users({ 1: 'Ada', 2: 'Bob' }), '--no-watch');
    await bid(1);
    const loaded = await said(/table users\.ndjson: .*\n/, () =>
      save(users({ 1: 'Adele', 2: 'Bob', 3: 'Cy' })),
    );
    expect(loaded).toContain('table users.ndjson: loaded again for named: 3 rows');
    await bid(1);
    await bid(3);
    const refused = await said(/table users\.ndjson: .*\n/, () =>
      save(users({ 1: 'x', 2: 'y' }) + users({ 1: 'z' })),
    );
    expect(refused).toContain(
      'refused: users.ndjson:3: its key is that of line 1; named keeps the rows it has',
    );
    await bid(3);
    const expected = ['Ada', 'Adele', 'Cy', 'Cy'];
    expect(await names(4)).toEqual(expected);
    // Killed and started again: records of then meet the rows of then, whatever the file says now.
    save(users({ 3: 'Cyril' }));
    await product.kill();
    socket?.destroy();
    product = await place.run('--no-watch').ready();
    socket = await place.dial('bids');
    await bid(3);
    await bid(1);
    expect(await names(6)).toEqual([...expected, 'Cyril', null]);
    expect(await product.stop()).toBe(0);
    expect(product.stderr).toContain('adds up');
  }, 20_000);

  test('that is saved without a change, or goes for a moment, is not loaded', async () => {
    sent = 0;
    await started(users({ 1: 'Ada' }), '--no-watch');
    await bid(1);
    const { log } = await place.status();
    save(users({ 1: 'Ada' }));
    unlinkSync(join(place.folder, 'users.ndjson'));
    save(users({ 1: 'Ada' }));
    await said(/loaded again for named: 0 rows/, () => save(''));
    await bid(1);
    expect((await place.status()).log.bytes).toBeGreaterThan(log.bytes);
    expect(product.stderr.match(/table users\.ndjson/g)).toHaveLength(1);
    expect(await names(2)).toEqual(['Ada', null]);
    expect(await product.stop()).toBe(0);
  }, 20_000);

  test.each<[string, (content: string) => string | undefined, number, RegExp]>([
    [
      'that is not there',
      () => undefined,
      2,
      /file-unreadable .*users\.ndjson: there is no such file/,
    ],
    [
      'with a line that is no row',
      (good) => `${good}{"uid":"x"}\n`,
      1,
      /bad-table .*users\.ndjson:2: uid: "x" where a value of type long is wanted/,
    ],
  ])(
    '%s ends the start, which can be made up for',
    async (_, edit, code, words) => {
      sent = 0;
      const good = users({ 1: 'Ada' });
      begun(good);
      const content = edit(good);
      if (content === undefined) unlinkSync(join(place.folder, 'users.ndjson'));
      else save(content);
      product = place.run();
      await endsWith(code, words);
      save(good);
      product = await place.run().ready();
      socket = await place.dial('bids');
      await bid(1);
      expect(await names(1)).toEqual(['Ada']);
      // What is wrong with it later ends a start as well.
      await finish(socket);
      await product.stop();
      if (content === undefined) unlinkSync(join(place.folder, 'users.ndjson'));
      else save(content);
      product = place.run();
      await endsWith(code, words);
    },
    20_000,
  );
});

describe('an edit', () => {
  const MORE = FLOW.replace(
    'fields: { uid: long, name: string }, key: uid',
    'fields: { uid: long, name: { type: string, source: alias } }, key: uid',
  );

  test('of what is read of the file reads it anew; one that cannot is refused', async () => {
    sent = 0;
    await started('{"uid":1,"name":"Ada","alias":"A."}\n', '--watch');
    await bid(1);
    const done = await said(/revision 2 .*\n.*\n/, () => place.write(MORE));
    expect(done).toContain(
      'operator named   rewired   table.fields.name string -> string from alias',
    );
    await bid(1);
    const missing = FLOW.replace('users.ndjson', 'people.ndjson');
    const refused = await said(/refused: .*\n/, () => place.write(missing));
    expect(refused).toContain('people.ndjson: there is no such file');
    await bid(1);
    // Another file, of which a row is wrong; then right.
    save('{"uid":1,"name":2}\n', 'people.ndjson');
    const wrong = await said(/refused: .*\n/, () => place.write(`${missing}# again\n`));
    expect(wrong).toContain('people.ndjson:1: name: 2 where a value of type string is wanted');
    save(users({ 1: 'Augusta' }), 'people.ndjson');
    await said(/revision 3 /, () => place.write(missing));
    await bid(1);
    expect((await place.status()).revision).toBe(3);
    // The new file is followed, the old one no more.
    save(users({ 1: 'nobody' }));
    await said(/people\.ndjson: loaded again/, () =>
      save(users({ 1: 'Ada again' }), 'people.ndjson'),
    );
    await bid(1);
    const all = ['Ada', 'A.', 'A.', 'Augusta', 'Ada again'];
    expect(await names(5)).toEqual(all);
    await product.kill();
    socket?.destroy();
    product = await place.run('--watch').ready();
    expect(await names(5)).toEqual(all);
    expect(await product.stop()).toBe(0);
    expect(product.stderr).toContain('adds up');
  }, 30_000);

  test('adds a lookup and takes it away again', async () => {
    sent = 0;
    const plain = FLOW.replace(
      /operators:[\s\S]*exits:\n.*\n/,
      'exits:\n  out: { from: bids, for: shop }\n',
    );
    begun(users({ 1: 'Ada' }), plain);
    product = await place.run('--watch').ready();
    socket = await place.dial('bids');
    await bid(1);
    await said(/revision 2 /, () => place.write(FLOW));
    await bid(1);
    await said(/revision 3 /, () => place.write(plain));
    await bid(1);
    expect(await names(3)).toEqual([undefined, 'Ada', undefined]);
    await product.kill();
    socket.destroy();
    product = await place.run().ready();
    expect((await place.status()).account.gaps).toEqual([]);
    expect(await names(3)).toEqual([undefined, 'Ada', undefined]);
  }, 20_000);
});
