import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { closeWorlds } from '../tools/amqp-listener.ts';
import { share } from '../tools/campaign.ts';
import { HonestPair } from '../tools/honest-pair.ts';
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
  SASL,
  string,
  symbol,
  uint,
  yes,
} from '../tools/raw-amqp.ts';
import { disconnectAll } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

let pair: HonestPair;

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
  beforeEach(async () => {
    pair = await HonestPair.open();
  });

  test.each(MALFORMED)('%s ends one connection, with one notice', async (_, why, bytes) => {
    pair.results.fill(3);
    const raw = await pair.send(...bytes);
    await until(() => raw.closed);
    expect(pair.world.notices).toHaveLength(1);
    expect(pair.world.notices[0].text.replace(/:\d+:/, ':')).toBe(`cut off 127.0.0.1: ${why}`);
    await pair.expectUnharmed();
    expect(pair.results.held).toBe(3);
  });

  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['AMQP 0-9-1', Buffer.from('AMQP\0\0\x09\x01', 'latin1')],
    ['a TLS hello', Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])],
    ['TLS inside AMQP', Buffer.from('AMQP\x02\x01\0\0', 'latin1')],
    ['noise', Buffer.alloc(100_000, 0xa5)],
  ])('%s is answered with our header and a close', async (_, bytes) => {
    const raw = await pair.send(bytes);
    await until(() => raw.closed);
    expect(raw.bytes()).toEqual(SASL);
    await pair.expectUnharmed();
  });

  test('a mechanism that is not offered is refused', async () => {
    for (const mechanism of ['PLAIN', 'enable_plain', '__proto__']) {
      const init = frame(described(0x41, list(symbol(mechanism))), 0, 1);
      const raw = await pair.send(SASL, init, AMQP, open());
      await until(() => raw.closed);
      expect(raw.codes()).toEqual([0x40, 0x44]);
      expect(raw.bytes().at(-1)).toBe(1);
    }
    await pair.expectUnharmed();
  });

  test('more outcomes at once than were ever in flight end one connection', async () => {
    pair.results.fill(2);
    const raw = await pair.send(hello, attach(0, 'one'), flow(0, 1));
    await until(() => raw.codes().at(-1) === 0x14);
    raw.socket.write(Buffer.concat([disposition(0, 0), flow(0, 2)]));
    await until(() => raw.codes().filter((code) => code === 0x14).length === 2);
    raw.socket.write(disposition(0, 1));
    await until(() => raw.closed);
    expect(pair.world.notices[0].text).toContain('more outcomes than were ever in flight');
    await pair.expectUnharmed();
  });

  test('outcomes of the same messages may come many times', async () => {
    pair.results.fill(10);
    const raw = await pair.send(served);
    await until(() => raw.codes().filter((code) => code === 0x14).length === 10);
    raw.socket.write(Buffer.concat(Array(20_000).fill(disposition(0, 9))));
    await until(() => pair.results.held === 0);
    raw.socket.write(performative(0x18, []));
    await until(() => raw.closed);
    expect(raw.codes().at(-1)).toBe(0x18);
    await pair.expectUnharmed();
  });

  test('bytes changed at random end their connection at most, and never surprise the library', async () => {
    pair.results.fill(3);
    const sasl = frame(described(0x41, list(symbol('ANONYMOUS'))), 0, 1);
    const ending = [disposition(0, 1), detach(0), end(), performative(0x18, [])];
    const whole = Buffer.concat([SASL, sasl, served, ...ending]);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        pair.wait(11);
        const before = pair.world.notices.length;
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        const raw = await pair.send(bytes);
        raw.socket.end();
        await until(() => raw.closed);
        for (const { text } of pair.world.notices.slice(before)) {
          expect(text).not.toContain('makes no sense');
          expect(text).not.toContain('defect');
        }
      }),
      { numRuns: share(1_000) },
    );
    await pair.expectUnharmed();
  });
});
