/** Edits of a running flow, by the product as a process: what goes on, what is refused, what is lost (nothing). */
import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { take } from '../tools/drain.ts';
import { finish, Place, type Product, until } from '../tools/product.ts';
import {
  connect as connectAmqp,
  disconnectAll,
  ids,
  receive,
  type Taking,
} from '../tools/rhea-client.ts';

const FLOW = `version: 1
name: edits
http: false
amqp: { listen: 0 }
vehicles:
  shop:
    lanes:
      orders:
        listen: 0
        fields: { id: long, group: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 1s }
operators:
  some: { type: filter, from: orders, where: id % 10 != 0 }
  per: { type: aggregate, from: orders, window: { tumble: 10s }, group_by: group, fields: { n: count(*) } }
exits:
  all: { from: orders, for: shop, fields: [id] }
  per: { from: per, for: shop }
  some: { from: some, for: shop, fields: [id] }
`;

let place: Place;
let product: Product;
afterEach(async () => {
  disconnectAll();
  await product?.kill();
  place?.remove();
});

async function started(flow: string, ...args: string[]): Promise<void> {
  place = new Place(flow);
  product = await place.run('--watch', ...args).ready();
}

/** Saves an edit and waits for what the runner says of it. */
async function save(text: string, answer: RegExp): Promise<string> {
  const from = product.stderr.length;
  place.write(text);
  return said(answer, from);
}

async function said(answer: RegExp, from: number): Promise<string> {
  await until(() => answer.test(product.stderr.slice(from)));
  return product.stderr.slice(from);
}

function lines(first: number, last: number, start = 1_767_225_600_000): string {
  let text = '';
  for (let id = first; id < last; id++) {
    text += `{"id":${id},"group":${id % 3},"at":${start + id}}\n`;
  }
  return text;
}

async function records(count: number): Promise<void> {
  await until(async () => (await place.status()).account.lanes[0].records >= count);
}

describe('an edit that is saved', () => {
  test('comes into force; sockets, links and unfinished lines go on, and nothing is lost', async () => {
    await started(FLOW);
    const { amqp } = await place.status();
    const connection = await connectAmqp(Number(amqp.split(':').pop()));
    const taking = receive(connection, { address: 'all', credit: 1000, accept: true });
    const socket = await place.dial('orders');
    socket.write(`${lines(0, 100)}{"id":100,"gro`);
    await records(100);
    const said = await save(FLOW.replace('% 10', '% 5'), /revision 2 /);
    expect(said).toMatch(/revision 2 {3}6 kept, 1 rewired {3}paused \d+ ms/);
    expect(said).toContain('operator some   rewired   where id % 10 != 0 -> id % 5 != 0');
    socket.write(`up":1,"at":1767225600100}\n${lines(101, 200)}`);
    await until(() => taking.got.length === 200);
    expect(ids(taking)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(taking.got.map(({ body }) => Number(Object(body).id))).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    );
    expect(socket.destroyed).toBe(false);
    expect(taking.closed).toBe(false);
    // Of the first hundred a tenth was let go, of the second a fifth.
    const { account } = await place.status();
    expect(account.operators.find(({ name }) => name === 'some')?.filtered).toBe(10 + 20);
    await finish(socket);
    expect(await product.stop()).toBe(0);
    expect(product.stderr).toContain('adds up');
  });

  test('opens a new lane and a new exit, closes those that went, and what they hold stays on offer', async () => {
    await started(FLOW);
    const socket = await place.dial('orders');
    socket.write(lines(0, 50));
    await records(50);
    const more = FLOW.replace(
      'operators:',
      '      returns: { listen: 0, fields: { id: long } }\noperators:',
    )
      .replace(/ {2}all: .*\n/, '')
      .replace('exits:', 'exits:\n  back: { from: returns, for: shop }');
    const text = await save(more, /revision 2 /);
    expect(text).toContain('lane returns   added');
    expect(text).toContain('exit all       removed   what it holds stays on offer');
    const returns = await place.dial('returns');
    returns.write('{"id":7}\n');
    const { amqp, exits } = await place.status();
    expect(exits.find(({ name }) => name === 'all')).toMatchObject({ held: 50, former: true });
    expect((await take(amqp, 'back', 1)).map(({ body }) => body)).toEqual([{ id: 7 }]);
    expect((await take(amqp, 'all', 50)).map(({ id }) => id)).toHaveLength(50);
    // Back again, it goes on with its numbers; the lane that went is closed.
    await save(FLOW, /revision 3 /);
    await until(() => returns.destroyed || returns.readableEnded);
    socket.write(lines(50, 60));
    const again = await take(amqp, 'all', 10);
    expect(again.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => 51 + i));
    expect(socket.destroyed).toBe(false);
    await finish(socket);
    expect(await product.stop()).toBe(0);
    expect(product.stderr).toContain('adds up');
  });

  test('moves a lane to another port: who is connected stays so', async () => {
    await started(FLOW);
    const socket = await place.dial('orders');
    socket.write(lines(0, 10));
    await records(10);
    const before = (await place.status()).lanes[0].address;
    await save(FLOW.replace('        listen: 0', '        listen: "localhost:0"'), /revision 2 /);
    const after = (await place.status()).lanes[0].address;
    expect(after).not.toBe(before);
    socket.write(lines(10, 20));
    const second = await place.dial('orders');
    second.write(lines(20, 30));
    await records(30);
    const refused = await new Promise((done) => {
      connect(Number(before.split(':').pop()), '127.0.0.1').once('error', done);
    });
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    socket.destroy();
    second.destroy();
  });

  test('with `was` a name changes and state, held records and numbers follow', async () => {
    await started(FLOW);
    const socket = await place.dial('orders');
    socket.write(lines(0, 300));
    await records(300);
    const renamed = FLOW.replace('per: { type: aggregate,', 'sums: { was: per, type: aggregate,')
      .replace('  per: { from: per,', '  sums: { was: per, from: sums,')
      .replace('  all: {', '  everything: { was: all, address: everything,')
      .replace('      orders:\n', '      sales:\n        was: orders\n')
      .replaceAll('from: orders', 'from: sales');
    const text = await save(renamed, /revision 2 /);
    expect(text).toContain('lane sales        rewired   was orders');
    expect(text).not.toContain('removed');
    socket.write(lines(300, 400));
    // The window that was open at the edit has all four hundred in it.
    socket.write(lines(400, 401, 1_767_225_700_000));
    const { amqp } = await place.status();
    const sums = await take(amqp, 'sums', 3);
    expect(sums.map(({ body }) => Number(Object(body).n)).reduce((a, b) => a + b)).toBe(400);
    expect((await take(amqp, 'everything', 401)).at(-1)?.id).toBe(401);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test('is followed however it is saved: by renaming, through a link, in pieces, many times a second', async () => {
    await started(FLOW);
    const edit = (n: number): string => FLOW.replace('% 10', `% ${n}`);
    const aside = join(place.folder, 'flow.yaml.tmp');
    let from = product.stderr.length;
    writeFileSync(aside, edit(11));
    renameSync(aside, place.file);
    await said(/revision 2 [\s\S]*% 11/, from);
    from = product.stderr.length;
    // As a mounted configuration is swapped: the name is a link, and the link is replaced.
    writeFileSync(join(place.folder, 'one.yaml'), edit(12));
    unlinkSync(place.file);
    symlinkSync('one.yaml', place.file);
    await said(/revision 3 [\s\S]*% 12/, from);
    from = product.stderr.length;
    writeFileSync(join(place.folder, 'two.yaml'), edit(13));
    symlinkSync('two.yaml', aside);
    renameSync(aside, place.file);
    await said(/revision 4 [\s\S]*% 13/, from);
    from = product.stderr.length;
    unlinkSync(place.file);
    writeFileSync(place.file, '');
    writeFileSync(place.file, edit(14).slice(0, 200));
    for (let n = 15; n <= 40; n++) writeFileSync(place.file, edit(n));
    const text = await said(/% 40/, from);
    // Half a file was never judged, and not every save was an edit of its own.
    expect(text).not.toContain('refused');
    expect([...text.matchAll(/revision \d+ /g)].length).toBeLessThan(5);
    expect((await place.status()).account.gaps).toEqual([]);
  }, 30_000);
});

describe('an edit that cannot be', () => {
  let socket: Socket;
  async function withOpenWindows(): Promise<void> {
    await started(FLOW);
    socket = await place.dial('orders');
    socket.write(lines(0, 30));
    await records(30);
  }
  afterEach(() => {
    socket?.destroy();
  });

  test('because the file is broken prints its findings and changes nothing', async () => {
    await withOpenWindows();
    const text = await save(FLOW.replace('from: orders, where', 'from: odrers, where'), /refused/);
    expect(text).toContain('did you mean "orders"?');
    expect(text).toMatch(/refused: dangling-reference .*flow\.yaml:13:\d+/);
    const { revision, exits } = await place.status();
    expect(revision).toBe(1);
    socket.write(lines(30, 40));
    await records(40);
    expect(exits[0].held).toBe(30);
    expect(await save(FLOW, /nothing in the file has changed/)).not.toContain('refused');
  });

  test.each<[string, (flow: string) => string, RegExp]>([
    [
      'another window',
      (flow) => flow.replace('tumble: 10s', 'tumble: 20s'),
      /"per" cannot keep its state \(its window or retention is another one\), and 3 groups in 1 open window would be lost/,
    ],
    [
      'a name that follows nothing',
      (flow) =>
        flow.replace('per: { type', 'sums: { type').replace('from: per, for', 'from: sums, for'),
      /"per" is gone, and 3 groups in 1 open window would be lost[\s\S]*write "was: per"/,
    ],
    [
      'another AMQP address',
      (flow) => flow.replace('amqp: { listen: 0 }', 'amqp: { listen: 7998 }'),
      /cannot change while it runs/,
    ],
  ])('because of %s is refused with what to write', async (_, edit, words) => {
    await withOpenWindows();
    const text = await save(edit(FLOW), /refused/);
    expect(text).toMatch(words);
    expect(text).toContain('Revision 1 goes on');
    expect((await place.status()).revision).toBe(1);
  });

  test('is done when the file, or a person, says that the state may go', async () => {
    await withOpenWindows();
    const wider = FLOW.replace('tumble: 10s', 'tumble: 20s');
    await save(wider, /refused/);
    const allowed = wider.replace(
      'type: aggregate',
      'state: { on_change: reset }, type: aggregate',
    );
    expect(await save(allowed, /revision 2 /)).toContain('operator per   reset');
    socket.write(lines(30, 40));
    await records(40);
    const { account } = await place.status();
    expect(account.operators.find(({ name }) => name === 'per')?.openWindows).toBe(1);
  });

  test('because a port is taken leaves the running flow as it is', async () => {
    await withOpenWindows();
    const { amqp } = await place.status();
    const taken = amqp.split(':').pop();
    const lane = `      more: { listen: ${taken}, fields: { id: long } }\noperators:`;
    const exits = 'exits:\n  extra: { from: more, for: shop }';
    const text = await save(
      FLOW.replace('operators:', lane).replace('exits:', exits),
      /refused: port-in-use/,
    );
    expect(text).toContain(`lane more: 127.0.0.1:${taken} is taken`);
    const status = await place.status();
    expect(status.revision).toBe(1);
    expect(status.lanes.map(({ name }) => name)).toEqual(['orders']);
    socket.write(lines(30, 40));
    await records(40);
  });

  test('because an address still serves what a gone exit holds is refused', async () => {
    await withOpenWindows();
    await save(FLOW.replace(/ {2}all: .*\n/, ''), /revision 2 /);
    const taker = FLOW.replace(
      / {2}all: .*\n/,
      '  other: { from: orders, for: shop, address: all }\n',
    );
    const text = await save(taker, /refused/);
    expect(text).toContain('the address "all" still serves 30 held records of "all"');
  });
});

test('SIGHUP reads the file again where nobody follows it, and ends nothing', async () => {
  place = new Place(FLOW);
  product = await place.run('--no-watch').ready();
  place.write(FLOW.replace('% 10', '% 3'));
  product.process.kill('SIGHUP');
  await until(() => /revision 2 /.test(product.stderr));
  expect((await place.status()).revision).toBe(2);
});

/** Edits whose process is killed; none of them is broken, or it would not start again. */
const KILLED = new Set([5, 16, 25]);

test('thirty edits under load, ten of them broken, three with a kill inside: every line once, ids dense', async () => {
  await started(FLOW);
  const seen = new Map<number, number>();
  let sent = 0;
  let socket: Socket | undefined;
  let taking: Taking | undefined;
  const attach = async (): Promise<void> => {
    const { amqp, account } = await place.status();
    // A plain lane loses at a crash what was in its socket: go on behind what the log has.
    sent = account.lanes[0].records;
    socket = await place.dial('orders');
    socket.on('error', () => {});
    const connection = await connectAmqp(Number(amqp.split(':').pop()));
    taking = receive(connection, { address: 'all', credit: 1_000_000, accept: true });
    receive(connection, { address: 'some', credit: 1_000_000, accept: true });
  };
  const collect = (): void => {
    for (const { id, body } of taking?.got ?? []) {
      const record = Number(Object(body).id);
      expect(seen.get(id) ?? record).toBe(record);
      seen.set(id, record);
    }
  };
  await attach();
  for (let n = 1; n <= 30; n++) {
    socket?.write(lines(sent, sent + 500));
    sent += 500;
    const broken = n % 3 === 0;
    const edit = broken ? FLOW.replace('id %', 'idd %') : FLOW.replace('% 10', `% ${10 + n}`);
    if (KILLED.has(n)) {
      place.write(edit);
      await product.kill();
      collect();
      socket?.destroy();
      product = await place.run('--watch').ready();
      await attach();
    } else {
      await save(edit, broken ? /refused: unknown-column/ : /revision \d+ {3}/);
      expect(socket?.destroyed).toBe(false);
      expect(taking?.closed).toBe(false);
    }
  }
  if (socket !== undefined) await finish(socket);
  await until(async () => (await place.status()).exits[0].held === 0);
  await until(() => {
    collect();
    return seen.size === sent;
  });
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: sent }, (_, i) => i + 1),
  );
  expect(new Set(seen.values()).size).toBe(sent);
  disconnectAll();
  expect(await product.stop()).toBe(0);
  expect(product.stderr).toContain('adds up');
}, 60_000);
