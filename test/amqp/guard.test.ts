import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '../../src/stream/clock.ts';
import { closeWorlds, openWorld, type World, type WorldOptions } from '../tools/amqp-listener.ts';
import {
  AMQP,
  attach,
  begin,
  described,
  destroySockets,
  detach,
  disposition,
  end,
  flow,
  frame,
  hello,
  list,
  nil,
  no,
  open,
  performative,
  type Raw,
  rawConnect,
  SASL,
  string,
  symbol,
  uint,
  yes,
} from '../tools/raw-amqp.ts';
import { connect, disconnectAll, ids, receive, type Taking } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

const SECOND = 1_000_000;
let world: World;
let honest: Taking;
let clock: ManualClock;

/** A listener, and a receiver in order that is being served. */
async function openBeside(options: WorldOptions = {}): Promise<void> {
  clock = new ManualClock(0);
  world = await openWorld({ exits: ['honest', 'results'], clock, ...options });
  honest = receive(await connect(world.port), { address: 'honest', credit: 1_000, accept: true });
  world.hold.fill(5);
  await until(() => world.hold.held === 0);
}

/** The honest receiver still gets what comes, each record once and in order. */
async function expectUnharmed(): Promise<void> {
  const before = honest.got.length;
  world.hold.fill(50);
  await until(() => world.hold.held === 0);
  expect(ids(honest)).toEqual(Array.from({ length: before + 50 }, (_, i) => i + 1));
  expect(honest.closed).toBe(false);
}

async function send(...bytes: Buffer[]): Promise<Raw> {
  const raw = await rawConnect(world.port);
  raw.socket.write(Buffer.concat(bytes));
  return raw;
}

afterEach(async () => {
  destroySockets();
  disconnectAll();
  await closeWorlds();
});

/** A list8 whose bytes are given, size and count included. */
const list8 = (...bytes: number[]): Buffer => Buffer.from([0xc0, ...bytes]);
const openWith = (properties: Buffer): Buffer =>
  performative(0x10, [string('raw'), nil, nil, nil, nil, nil, nil, nil, nil, properties]);
const attachWith = (...fields: Buffer[]): Buffer => performative(0x12, fields);
const source = (...fields: Buffer[]): Buffer => described(0x28, list(...fields));
const nested = (depth: number): Buffer => (depth === 0 ? nil : list(nested(depth - 1)));
const served = Buffer.concat([hello, attach(0, 'one'), flow(0, 10)]);

/** Name, what the notice says, bytes. */
const MALFORMED: readonly (readonly [string, string, readonly Buffer[]])[] = [
  [
    'a frame of 4 GiB',
    'a frame above the limit',
    [AMQP, Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0])],
  ],
  [
    'a frame of 7 bytes',
    'a frame smaller than its header',
    [AMQP, Buffer.from([0, 0, 0, 7, 2, 0, 0, 0])],
  ],
  ['a frame of no bytes', 'a frame smaller than its header', [AMQP, Buffer.alloc(64)]],
  [
    'more than 4 KiB before open',
    'a frame above the limit',
    [AMQP, openWith(string('x'.repeat(5_000)))],
  ],
  ['a frame above the limit', 'a frame above the limit', [hello, frame(Buffer.alloc(65_530))]],
  [
    'a head shorter than a head',
    'a frame without its header',
    [AMQP, Buffer.from([0, 0, 0, 9, 1, 0, 0, 0, 0])],
  ],
  [
    'a head longer than the frame',
    'a frame without its header',
    [AMQP, Buffer.from([0, 0, 0, 9, 200, 0, 0, 0, 0])],
  ],
  [
    'garbage in a frame',
    'a described value is expected',
    [AMQP, frame(Buffer.from('GET / HTTP/1.1'))],
  ],
  [
    'an unknown type',
    'a field of the wrong type',
    [AMQP, performative(0x10, [Buffer.from([0x99])])],
  ],
  [
    'an unknown kind of frame',
    'an unknown kind of frame',
    [AMQP, performative(0x19, [string('raw')])],
  ],
  [
    'a kind of frame by a huge number',
    'an unknown kind of frame',
    [AMQP, frame(Buffer.concat([Buffer.from([0, 0x80]), Buffer.alloc(8, 255), list()]))],
  ],
  [
    'a value without descriptor',
    'a described value is expected',
    [AMQP, frame(list(string('raw')))],
  ],
  [
    'descriptors of descriptors',
    'a descriptor that is neither a ulong nor a symbol',
    [AMQP, frame(Buffer.alloc(4_000))],
  ],
  [
    'a count beyond its bytes',
    'a count beyond its bytes',
    [AMQP, frame(described(0x10, list8(3, 255, 0xa1, 0)))],
  ],
  [
    'a size beyond its frame',
    'a size beyond its bytes',
    [AMQP, frame(described(0x10, list8(200, 1, 0xa1, 0)))],
  ],
  [
    'a size too small for its values',
    'a size is cut off',
    [AMQP, frame(described(0x10, list8(2, 1, 0xa1, 0)))],
  ],
  [
    'a string beyond its frame',
    'a size beyond its bytes',
    [AMQP, frame(described(0x10, list8(3, 1, 0xa1, 99)))],
  ],
  [
    'values nested too deep',
    'values nested too deep',
    [AMQP, openWith(map(symbol('a'), nested(40)))],
  ],
  ['nesting in an array', 'values nested too deep', [AMQP, openWith(map(symbol('a'), arrays(40)))]],
  [
    'a billion nulls in an array',
    'too many values without bytes',
    [AMQP, openWith(map(symbol('a'), nulls(1_000_000_000)))],
  ],
  [
    'many arrays of a thousand nulls',
    'too many values without bytes',
    [AMQP, openWith(map(symbol('a'), list(...Array(50).fill(nulls(1_000)))))],
  ],
  ['a map with half a pair', 'a map with a key without value', [AMQP, openWith(map(symbol('a')))]],
  [
    'more fields than open has',
    'more fields than there are',
    [AMQP, performative(0x10, [string('raw'), ...Array(12).fill(nil)])],
  ],
  ['open without container id', 'a mandatory field is missing', [AMQP, performative(0x10, [])]],
  [
    'a container id that is a number',
    'a field of the wrong type',
    [AMQP, performative(0x10, [uint(5)])],
  ],
  [
    'a container id of 257 bytes',
    'a name that is too long',
    [AMQP, performative(0x10, [string('x'.repeat(257))])],
  ],
  ['a frame limit of 57 bytes', 'a frame limit below 512 bytes', [AMQP, open(nil, uint(57))]],
  ['a second open', 'a second open', [AMQP, open(), open()]],
  ['begin before open', 'a frame before open', [AMQP, begin()]],
  [
    'open on another channel',
    'open on a channel other than 0',
    [AMQP, performative(0x10, [string('raw')], 3)],
  ],
  ['a second begin', 'a second begin on a channel', [hello, begin()]],
  ['channel 64', 'a channel above the maximum', [hello, begin(64)]],
  [
    'a begin that answers none',
    'an answer to a begin that was never sent',
    [AMQP, open(), performative(0x11, [Buffer.from([0x60, 0, 0]), uint(0), uint(1), uint(1)])],
  ],
  [
    'an attach without session',
    'a frame on a channel without session',
    [AMQP, open(), attach(0, 'one')],
  ],
  ['handle 256', 'a handle above the maximum', [hello, attach(256, 'one')]],
  ['handle 4294967295', 'a handle above the maximum', [hello, attach(4_294_967_295, 'one')]],
  ['a handle twice', 'a second attach of a handle', [hello, attach(0, 'one'), attach(0, 'two')]],
  [
    'a flood of attaches',
    'too many links',
    [
      hello,
      ...Array.from({ length: 256 }, (_, i) => attach(i, `n${i}`)),
      begin(1),
      attach(0, 'more', 'results', 1),
    ],
  ],
  ['a link name of 300 bytes', 'a name that is too long', [hello, attach(0, 'x'.repeat(300))]],
  [
    'an address of 300 bytes',
    'a name that is too long',
    [hello, attach(0, 'one', 'x'.repeat(300))],
  ],
  [
    'an attach without role',
    'a mandatory field is missing',
    [hello, attachWith(string('one'), uint(0))],
  ],
  [
    'a source that is no source',
    'a field of an unknown kind',
    [hello, attachWith(string('one'), uint(0), yes, nil, nil, described(0x29, list()))],
  ],
  [
    'a source of wrong fields',
    'a field of the wrong type',
    [
      hello,
      attachWith(
        string('one'),
        uint(0),
        yes,
        nil,
        nil,
        source(string('results'), string('durable')),
      ),
    ],
  ],
  [
    'bytes after a frame',
    'bytes after the end of a frame',
    [hello, frame(Buffer.concat([described(0x17, list()), nil]))],
  ],
  [
    'a message',
    'a message, though no link here receives any',
    [hello, performative(0x14, [uint(0), uint(0)])],
  ],
  ['a flow of no link', 'a flow of no link', [hello, flow(7, 10)]],
  [
    'a flow without session',
    'a frame on a channel without session',
    [hello, performative(0x13, [nil, uint(0), uint(0), uint(0)], 9)],
  ],
  [
    'a window beyond what was sent',
    'a window beyond what was sent',
    [served, performative(0x13, [uint(3_000_000), uint(1), uint(0), uint(1)])],
  ],
  [
    'outcomes of what was never sent',
    'outcomes of what was never sent',
    [served, disposition(0, 4_294_967_295)],
  ],
  ['outcomes from high to low', 'outcomes of what was never sent', [served, disposition(5, 4)]],
  [
    'outcomes of messages it sent',
    'an outcome of messages that were never sent',
    [served, disposition(0, 0, no)],
  ],
  [
    'an outcome of an unknown kind',
    'a field of an unknown kind',
    [served, performative(0x15, [yes, uint(0), nil, yes, described(0x30, list())])],
  ],
  ['a detach of no link', 'a detach of no link', [hello, detach(4)]],
  ['an end of no session', 'a frame on a channel without session', [AMQP, open(), end()]],
  [
    'a SASL frame after SASL',
    'a frame of another layer',
    [hello, frame(described(0x41, list(symbol('ANONYMOUS'))), 0, 1)],
  ],
  ['an AMQP frame in SASL', 'a frame of another layer', [SASL, open()]],
  [
    'a SASL response to no challenge',
    'an unknown kind of frame',
    [SASL, frame(described(0x43, list(Buffer.from([0xa0, 0]))), 0, 1)],
  ],
];

function map(...values: Buffer[]): Buffer {
  const bytes = list(...values);
  bytes[0] = 0xd1;
  return bytes;
}

function nulls(count: number): Buffer {
  const bytes = Buffer.from([0xf0, 0, 0, 0, 5, 0, 0, 0, 0, 0x40]);
  bytes.writeUInt32BE(count, 5);
  return bytes;
}

/** Arrays of one array each. */
function arrays(depth: number): Buffer {
  let inner = Buffer.from([0xf0, 0, 0, 0, 5, 0, 0, 0, 1, 0x40]);
  for (let i = 0; i < depth; i++) {
    const head = Buffer.from([0xf0, 0, 0, 0, 0, 0, 0, 0, 1]);
    head.writeUInt32BE(inner.length + 4, 1);
    inner = Buffer.concat([head, inner]);
  }
  return inner;
}

describe('beside an honest receiver', () => {
  beforeEach(() => openBeside());

  test.each(MALFORMED)('%s ends one connection, with one notice', async (_, why, bytes) => {
    world.holds.get('results')?.fill(3);
    const raw = await send(...bytes);
    await until(() => raw.closed);
    expect(world.notices).toHaveLength(1);
    expect(world.notices[0].text.replace(/:\d+:/, ':')).toBe(`cut off 127.0.0.1: ${why}`);
    await expectUnharmed();
    expect(world.holds.get('results')?.held).toBe(3);
  });

  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['AMQP 0-9-1', Buffer.from('AMQP\0\0\x09\x01', 'latin1')],
    ['a TLS hello', Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])],
    ['TLS inside AMQP', Buffer.from('AMQP\x02\x01\0\0', 'latin1')],
    ['noise', Buffer.alloc(100_000, 0xa5)],
  ])('%s is answered with our header and a close', async (_, bytes) => {
    const raw = await send(bytes);
    await until(() => raw.closed);
    expect(raw.bytes()).toEqual(SASL);
    await expectUnharmed();
  });

  test('a mechanism that is not offered is refused', async () => {
    for (const mechanism of ['PLAIN', 'enable_plain', '__proto__']) {
      const init = frame(described(0x41, list(symbol(mechanism))), 0, 1);
      const raw = await send(SASL, init, AMQP, open());
      await until(() => raw.closed);
      expect(raw.codes()).toEqual([0x40, 0x44]);
      expect(raw.bytes().at(-1)).toBe(1);
    }
    await expectUnharmed();
  });

  test('SASL, open, begin and attach may come in one piece', async () => {
    world.holds.get('results')?.fill(2);
    const init = frame(described(0x41, list(symbol('ANONYMOUS'))), 0, 1);
    const raw = await send(SASL, init, served);
    await until(() => raw.codes().length === 7);
    expect(raw.codes()).toEqual([0x40, 0x44, 0x10, 0x11, 0x12, 0x14, 0x14]);
  });

  test('a frame may come byte by byte', async () => {
    world.holds.get('results')?.fill(1);
    const raw = await rawConnect(world.port);
    raw.socket.setNoDelay(true);
    for (const byte of served) raw.socket.write(Buffer.from([byte]));
    await until(() => raw.codes().includes(0x14));
    expect(raw.codes()).toEqual([0x10, 0x11, 0x12, 0x14]);
  });

  test('a link may be detached and attached anew in one piece', async () => {
    world.holds.get('results')?.fill(1);
    const raw = await send(hello, attach(0, 'one'), detach(0), attach(0, 'one'), flow(0, 1));
    await until(() => raw.codes().includes(0x14));
    expect(raw.codes()).toEqual([0x10, 0x11, 0x12, 0x16, 0x12, 0x14]);
  });

  test('a thousand links may come and go in one piece', async () => {
    const cycles = Array.from({ length: 1_000 }, () => [attach(0, 'one'), detach(0)]).flat();
    const raw = await send(hello, ...cycles);
    await until(() => raw.codes().length === 2 + 2_000);
    expect(world.listener.attached('results')).toBe(0);
    await expectUnharmed();
  });

  test('outcomes of the same messages may come many times', async () => {
    world.holds.get('results')?.fill(10);
    const raw = await send(served);
    await until(() => raw.codes().filter((code) => code === 0x14).length === 10);
    raw.socket.write(Buffer.concat(Array(20_000).fill(disposition(0, 9))));
    await until(() => world.holds.get('results')?.held === 0);
    raw.socket.write(performative(0x18, []));
    await until(() => raw.closed);
    expect(raw.codes().at(-1)).toBe(0x18);
    await expectUnharmed();
  });

  test('more outcomes at once than were ever in flight end one connection', async () => {
    world.holds.get('results')?.fill(2);
    const raw = await send(hello, attach(0, 'one'), flow(0, 1));
    await until(() => raw.codes().at(-1) === 0x14);
    raw.socket.write(Buffer.concat([disposition(0, 0), flow(0, 2)]));
    await until(() => raw.codes().filter((code) => code === 0x14).length === 2);
    raw.socket.write(disposition(0, 1));
    await until(() => raw.closed);
    expect(world.notices[0].text).toContain('more outcomes than were ever in flight');
    await expectUnharmed();
  });

  test('bytes changed at random end their connection at most, and never surprise the library', async () => {
    world.holds.get('results')?.fill(3);
    const sasl = frame(described(0x41, list(symbol('ANONYMOUS'))), 0, 1);
    const ending = [disposition(0, 1), detach(0), end(), performative(0x18, [])];
    const whole = Buffer.concat([SASL, sasl, served, ...ending]);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        clock.advance(clock.now() + 11 * SECOND);
        const before = world.notices.length;
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        const raw = await send(bytes);
        raw.socket.end();
        await until(() => raw.closed);
        for (const { text } of world.notices.slice(before)) {
          expect(text).not.toContain('makes no sense');
          expect(text).not.toContain('defect');
        }
      }),
      { numRuns: 1_000 },
    );
    await expectUnharmed();
  });

  test('an echo is answered with the true state, for a link and for a session', async () => {
    world.holds.get('results')?.fill(3);
    const raw = await send(served);
    await until(() => raw.codes().filter((code) => code === 0x14).length === 3);
    const fields = [uint(3), uint(2048), uint(0), uint(2048)];
    const rest = [uint(0), uint(0), uint(10), nil, no, yes];
    raw.socket.write(performative(0x13, [...fields, ...rest]));
    await until(() => raw.codes().at(-1) === 0x13);
    const flows = raw.codes().filter((code) => code === 0x13).length;
    raw.socket.write(performative(0x13, [...fields, nil, nil, nil, nil, no, yes]));
    await until(() => raw.codes().filter((code) => code === 0x13).length === flows + 1);
    // delivery-count 3, link-credit 7, as small uints.
    expect(raw.bytes().includes(Buffer.from([0x52, 3, 0x52, 7]))).toBe(true);
  });

  test('a session window of one frame at a time is kept', async () => {
    world.holds.get('results')?.add('x'.repeat(1_000), 'y');
    const small = Buffer.concat([AMQP, open(nil, uint(512)), begin()]);
    const raw = await send(small, attach(0, 'one'), flow(0, 10, 1));
    const transfers = (): number => raw.codes().filter((code) => code === 0x14).length;
    for (let sent = 1; sent <= 4; sent++) {
      await until(() => transfers() === sent);
      await expectUnharmed();
      expect(transfers()).toBe(sent);
      const window = [uint(sent), uint(1), uint(0), uint(2048)];
      raw.socket.write(performative(0x13, window));
    }
  });

  test('a link that is closed in the middle of a message leaves its session usable', async () => {
    world.holds.get('results')?.add('x'.repeat(1_000), 'y');
    const small = Buffer.concat([AMQP, open(nil, uint(512)), begin()]);
    const raw = await send(small, attach(0, 'one'), flow(0, 10, 1));
    await until(() => raw.codes().at(-1) === 0x14);
    raw.socket.write(Buffer.concat([detach(0), attach(1, 'two')]));
    await until(() => raw.codes().at(-1) === 0x12);
    const granted = [uint(1), uint(100), uint(0), uint(2048), uint(1), uint(0), uint(10)];
    raw.socket.write(performative(0x13, granted));
    await until(() => raw.codes().filter((code) => code === 0x14).length === 1 + 3 + 1);
    expect(raw.closed).toBe(false);
  });
});

describe('a peer that is slow', () => {
  beforeEach(() => openBeside());

  test.each<[string, number, Buffer[]]>([
    ['says nothing', 5, []],
    ['stops in the protocol header', 5, [AMQP.subarray(0, 5)]],
    ['stops in SASL', 5, [SASL]],
    ['stops before open', 10, [AMQP]],
    ['stops in open', 10, [AMQP, open().subarray(0, 20)]],
    ['stops in a later frame', 30, [hello, attach(0, 'one').subarray(0, 30)]],
  ])('and %s is cut off after %i s', async (_, seconds, bytes) => {
    const raw = await rawConnect(world.port);
    if (bytes.length > 0) raw.socket.write(Buffer.concat(bytes));
    // What is expected to have been read shows in the answer, or in a second connection's.
    const answered = bytes.length > 0 && bytes[0].length >= 8;
    if (answered) await until(() => raw.bytes().length > 0);
    await expectUnharmed();
    clock.advance((seconds - 0.1) * SECOND);
    await expectUnharmed();
    expect(raw.closed).toBe(false);
    clock.advance((seconds + 0.1) * SECOND);
    await until(() => raw.closed);
    await expectUnharmed();
  });

  /** Attaches with more credit and window than it will ever read. */
  async function stopReading(): Promise<void> {
    world.holds.get('results')?.add(...Array(40).fill('x'.repeat(1_000_000)));
    const raw = await rawConnect(world.port);
    raw.socket.pause();
    const granted = [uint(0), uint(1_000_000), uint(0), uint(1), uint(0), uint(0), uint(1_000)];
    raw.socket.write(Buffer.concat([hello, attach(0, 'one'), performative(0x13, granted)]));
  }

  test('and does not read has four MiB and a message in flight, not more', async () => {
    await stopReading();
    const unsettled = (): number =>
      world.listener.links().find(({ exit }) => exit === 'results')?.unsettled ?? 0;
    await until(() => unsettled() === 5);
    await expectUnharmed();
    expect(unsettled()).toBe(5);
  });

  test('and takes nothing of what waits for it is cut off after a minute', async () => {
    await closeWorlds();
    await openBeside({ limits: { inFlightBytes: 64 * 1024 * 1024 } });
    await stopReading();
    await until(() => world.listener.attached('results') === 1);
    await until(() => {
      clock.advance(clock.now() + 61 * SECOND);
      return world.listener.attached('results') === 0;
    });
    expect(world.notices[0].text).toContain('it takes nothing of what is sent to it');
    expect(world.holds.get('results')?.held).toBe(40);
    await expectUnharmed();
  });
});

describe('a peer that falls silent', () => {
  test('is noticed, and its records come back', async () => {
    await openBeside({ limits: { idleMs: 50 } });
    world.holds.get('results')?.fill(1);
    const raw = await send(served);
    await until(() => raw.codes().at(-1) === 0x14);
    await until(() => world.listener.attached('results') === 0);
    await until(() => raw.closed);
    const next = receive(await connect(world.port), { credit: 1 });
    await until(() => next.got.length === 1);
    expect(next.got[0].deliveryCount).toBe(1);
  });
});

describe('strangers', () => {
  test('beyond the first few wait unread, and those beyond the waiting room are closed', async () => {
    await openBeside({ limits: { strangers: 3, parked: 2 } });
    const silent = [];
    for (let i = 0; i < 3; i++) silent.push(await rawConnect(world.port));
    const waiting = [await send(served), await send(served)];
    const turnedAway = await rawConnect(world.port);
    await until(() => turnedAway.closed);
    await expectUnharmed();
    expect(waiting.map((raw) => raw.bytes().length)).toEqual([0, 0]);
    silent[1].socket.destroy();
    await until(() => waiting[0].codes().includes(0x12));
    // It is a stranger no more, so that the next one's turn has come too.
    await until(() => waiting[1].codes().includes(0x12));
    await expectUnharmed();
  });

  test('are told of one at a time', async () => {
    await openBeside();
    for (let i = 0; i < 5; i++) {
      const raw = await send(AMQP, begin());
      await until(() => raw.closed);
    }
    expect(world.notices).toHaveLength(1);
    clock.advance(11 * SECOND);
    const raw = await send(AMQP, begin());
    await until(() => raw.closed);
    expect(world.notices).toHaveLength(2);
    expect(world.notices[1].text).toContain('(and 4 others before it): a frame before open');
  });
});
