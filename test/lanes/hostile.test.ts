/** Peers at lanes that send what no vehicle should, each beside honest connections that notice nothing. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CONNECTIONS_MAX, type LaneName, LanePair, LINE_MAX } from '../tools/lane-pair.ts';
import { until } from '../tools/wait.ts';

let pair: LanePair;
beforeEach(async () => {
  pair = await LanePair.open();
});
afterEach(() => pair.close());

interface Want {
  readonly records?: number;
  readonly bad?: number;
  readonly torn?: number;
  readonly empty?: number;
  /** Of the dead letters. */
  readonly why?: readonly string[];
}

async function expectCounts(lane: LaneName, { why = [], ...want }: Want): Promise<void> {
  const counts = await pair.settle(lane);
  expect({ ...counts, why: await pair.reasons() }).toEqual({
    ...{ records: 0, bad: 0, torn: 0, empty: 0 },
    ...want,
    why,
  });
}

type Piece = string | Buffer;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** A record of exactly so many bytes. */
const sized = (bytes: number): string => `{"n":1,"who":"${'x'.repeat(bytes - 16)}"}`;
const keys = (count: number): string =>
  Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',');
/** One line a case: what comes, where, in which pieces, and what must become of it. */
// biome-ignore format: a table
const CASES: readonly (readonly [what: string, lane: LaneName, pieces: readonly Piece[], want: Want])[] = [
  ['an endless line', 'records', Array(64).fill(Buffer.alloc(128 * 1024, 'x')), { bad: 1, why: ['line-too-long'] }],
  ['an endless text', 'texts', Array(64).fill(Buffer.alloc(128 * 1024, 'x')), { bad: 1, why: ['line-too-long'] }],
  ['a line of the limit', 'records', [sized(LINE_MAX), '\n'], { records: 1 }],
  ['a line of the limit with CR LF', 'records', [sized(LINE_MAX), '\r', '\n'], { records: 1 }],
  ['a line of the limit without an end', 'records', [sized(LINE_MAX)], { records: 1 }],
  ['a line one byte over the limit', 'records', [`${sized(LINE_MAX + 1)}\n`], { bad: 1, why: ['line-too-long'] }],
  ['a line over the limit before a good one', 'records', [sized(LINE_MAX + 1), '\n{"n":1}\n'], { bad: 1, records: 1, why: ['line-too-long'] }],
  ['NUL bytes', 'records', [Buffer.alloc(1000), '\n\0\n'], { bad: 2, why: ['not-json'] }],
  ['NUL bytes as text', 'texts', [Buffer.alloc(1000), '\n\0\n'], { records: 2 }],
  ['a character cut after one byte', 'records', ['{"who":"', hex('f0'), hex('9f9a9a'), '"}\n'], { records: 1 }],
  ['a character cut after two bytes', 'records', ['{"who":"', hex('f09f'), hex('9a9a'), '"}\n'], { records: 1 }],
  ['a character cut after three bytes', 'records', ['{"who":"', hex('f09f9a'), hex('9a'), '"}\n'], { records: 1 }],
  ['a character that ends after one byte', 'records', ['{"who":"', hex('f0'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['a character that ends after two bytes', 'records', ['{"who":"', hex('f09f'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['a character that ends after three bytes', 'records', ['{"who":"', hex('f09f9a'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['a character that ends with the connection', 'records', ['{"who":"', hex('f09f9a')], { bad: 1, why: ['not-utf8'] }],
  ['a character without its beginning', 'records', ['{"who":"', hex('9a'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['an overlong NUL', 'records', ['{"who":"', hex('c080'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['half a surrogate pair in bytes', 'records', ['{"who":"', hex('eda080'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['a character beyond Unicode', 'records', ['{"who":"', hex('f4908080'), '"}\n'], { bad: 1, why: ['not-utf8'] }],
  ['text that is no UTF-8', 'texts', [hex('ff0a fe0a 610a')], { bad: 2, records: 1, why: ['not-utf8'] }],
  ['half a surrogate pair as an escape', 'records', ['{"who":"\\ud83d"}\n{"who":"\\ude9a\\ud83d"}\n'], { bad: 2, why: ['not-utf8'] }],
  ['CR as the end of lines', 'records', ['{"n":1}\r', '{"n":2}\r'], { bad: 1, why: ['not-json'] }],
  ['CR LF cut between its bytes', 'records', ['{"n":1}\r', '\n{"n":2}\r', '\n\r', '\n'], { records: 2, empty: 1 }],
  ['CR that end nothing', 'records', ['\r\r\r\n'], { empty: 1 }],
  ['LF CR', 'records', ['{"n":1}\n\r{"n":2}\n\r'], { records: 2, empty: 1 }],
  ['a last line without an end', 'records', ['{"n":1}\n{"n":2}'], { records: 2 }],
  ['half of a last line', 'records', ['{"n":1}\n{"n":'], { records: 1, bad: 1, why: ['not-json'] }],
  ['ten thousand open brackets', 'records', [`${'['.repeat(10_000)}\n`], { bad: 1, why: ['not-json'] }],
  ['ten thousand open braces', 'records', [`${'{"n":'.repeat(10_000)}\n`], { bad: 1, why: ['not-json'] }],
  ['ten thousand brackets, closed', 'records', [`{"x":${'['.repeat(10_000)}${']'.repeat(10_000)},"n":1}\n`], { bad: 1, why: ['not-json'] }],
  ['numbers without end', 'records', [`{"n":${'9'.repeat(60_000)}}\n{"d":${'9'.repeat(60_000)}}\n`], { bad: 1, records: 1, why: ['wrong-type'] }],
  ['numbers beyond a double', 'records', ['{"d":1e400}\n{"d":-1e400}\n{"n":1e400}\n{"d":1e-400}\n'], { bad: 1, records: 3, why: ['wrong-type'] }],
  ['exponents without end', 'records', [`{"d":1e${'9'.repeat(60_000)}}\n{"n":1e-${'9'.repeat(60_000)}}\n`], { bad: 1, records: 1, why: ['wrong-type'] }],
  ['duplicate keys', 'records', ['{"n":1,"n":2}\n{"n":1,"n":"x"}\n{"n":"x","n":1}\n'], { bad: 1, records: 2, why: ['wrong-type'] }],
  ['keys of every object', 'records', ['{"__proto__":{"who":"honest"},"constructor":1,"toString":[],"n":1}\n'], { records: 1 }],
  ['a million empty lines', 'records', Array(10).fill('\n'.repeat(100_000)), { empty: 1_000_000 }],
  ['a million empty texts', 'texts', Array(10).fill('\r\n'.repeat(100_000)), { empty: 1_000_000 }],
  ['lines of white space', 'records', [' \n\t\n \r\n'], { empty: 3 }],
  ['texts of white space', 'texts', [' \n\t\n \r\n'], { records: 3 }],
  ['a byte order mark', 'records', [hex('efbbbf'), '{"n":1}\n{"n":2}\n'], { bad: 1, records: 1, why: ['not-json'] }],
  ['UTF-16, little end first', 'records', [Buffer.from('\ufeff{"n":1}\n{"n":2}\n', 'utf16le')], { bad: 3, why: ['not-utf8', 'not-json'] }],
  ['UTF-16, big end first', 'records', [Buffer.from('{"n":1}\n', 'utf16le').swap16()], { bad: 1, why: ['not-json'] }],
  ['a TLS hello', 'records', [hex('1603010200 010001fc 0303 ff00'), Buffer.alloc(500, 0xc3)], { bad: 1, why: ['not-utf8'] }],
  ['an HTTP request', 'records', ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'], { bad: 2, empty: 1, why: ['not-json'] }],
  ['an HTTP request as text', 'texts', ['POST / HTTP/1.1\r\nHost: a\r\n\r\n{}'], { records: 3, empty: 1 }],
  ['an AMQP header', 'records', [hex('414d5150 00010000'), hex('0000001a 02000000')], { bad: 1, why: ['not-json'] }],
  ['arrays and scalars', 'records', ['[]\n[{"n":1}]\n1\n"x"\nnull\ntrue\n'], { bad: 6, why: ['not-an-object'] }],
  ['what JavaScript would take', 'records', ['{n:1}\n{\'n\':1}\n{"n":1,}\n{"n":0x1}\n{"n":NaN}\n{"n":1}//\n{"n":01}\n{"n":+1}\n{"n":.5}\n'], { bad: 9, why: ['not-json'] }],
  ['two records on a line', 'records', ['{"n":1}{"n":2}\n{"n":1} {"n":2}\n'], { bad: 2, why: ['not-json'] }],
  ['a string of backslashes', 'records', [`{"who":"${'\\'.repeat(60_000)}"}\n{"who":"${'\\'.repeat(60_001)}"}\n`], { records: 1, bad: 1, why: ['not-json'] }],
  ['a string of escapes', 'records', [`{"who":"${'\\u0000'.repeat(10_000)}"}\n`], { records: 1 }],
  ['control characters in a string', 'records', ['{"who":"\x01"}\n{"who":"a\tb"}\n{"who":"\x7f"}\n'], { bad: 2, records: 1, why: ['not-json'] }],
  ['a thousand keys', 'records', [`{${keys(1000)}}\n`], { records: 1 }],
  ['six thousand keys', 'records', [`{${keys(6000)}}\n`], { bad: 1, why: ['not-json'] }],
  ['a key as long as a line', 'records', [`{"${'k'.repeat(65_000)}":1,"n":1}\n`], { records: 1 }],
  ['four thousand bad lines', 'records', ['{\n'.repeat(4000)], { bad: 4000, why: ['not-json'] }],
];

test.each(CASES)('%s on lane %s', async (_what, lane, pieces, want) => {
  const socket = await pair.dial(lane);
  socket.resume();
  for (const piece of pieces) {
    await pair.send(socket, lane, piece);
    pair.speak();
  }
  socket.end();
  await expectCounts(lane, want);
});

/** A connection to the lane of records whose bytes have all been taken. */
async function sends(text: string): Promise<Socket> {
  const socket = await pair.dial('records');
  await pair.send(socket, 'records', text);
  return socket;
}

const BEHAVIOURS: readonly (readonly [what: string, behave: () => Promise<void>, want: Want])[] = [
  [
    'half-closes and waits for our half',
    async () => {
      const socket = await sends('{"n":1}\n{"n":2}');
      socket.end();
      await once(socket.resume(), 'end');
    },
    { records: 2 },
  ],
  [
    'resets in the middle of a line',
    async () => {
      (await sends('{"n":1}\n{"n":')).resetAndDestroy();
    },
    { records: 1, torn: 1 },
  ],
  [
    'resets in the middle of an endless line',
    async () => {
      (await sends('x'.repeat(2 * LINE_MAX))).resetAndDestroy();
    },
    { bad: 1, why: ['line-too-long'] },
  ],
  [
    'resets as soon as it is there',
    async () => {
      for (let i = 0; i < 50; i++) (await pair.dial('records')).resetAndDestroy();
    },
    {},
  ],
  [
    'resets a hundred times with half a line each',
    async () => {
      for (let i = 0; i < 100; i++) (await sends('{"n"')).resetAndDestroy();
    },
    { torn: 100 },
  ],
  [
    'connects and drops a thousand times',
    async () => {
      for (let i = 0; i < 1000; i++) {
        (await pair.dial('records')).destroy();
        if (i % 100 === 0) pair.speak();
      }
    },
    {},
  ],
  [
    'connects, sends a record and leaves, two hundred times',
    async () => {
      for (let i = 0; i < 200; i++) (await sends('{"n":1}')).end();
    },
    { records: 200 },
  ],
  [
    'writes byte by byte',
    async () => {
      const socket = await pair.dial('records');
      for (const byte of '{"n":1,"who":"slow"}\r\n{"n":2}')
        await pair.send(socket, 'records', byte);
      socket.end();
    },
    { records: 2 },
  ],
  [
    'sends twenty thousand tiny packets',
    async () => {
      const socket = await pair.dial('records');
      for (let i = 0; i < 4000; i++)
        for (const part of ['{', '"n":', '1', '}', '\n']) socket.write(part);
      socket.end();
    },
    { records: 4000 },
  ],
  [
    'never reads',
    async () => {
      const socket = await pair.dial('records');
      socket.pause();
      await pair.send(socket, 'records', '{"n":1}\n'.repeat(1000));
      socket.end();
    },
    { records: 1000 },
  ],
  [
    'says nothing, and is still there when all others have gone',
    async () => {
      const silent = await pair.dial('records');
      for (let i = 0; i < 20; i++) (await sends('{"n":1}\n')).end();
      await until(() => pair.open('records') === 2);
      pair.speak();
      silent.destroy();
    },
    { records: 20 },
  ],
  [
    'takes every connection there is',
    async () => {
      const crowd = [];
      for (let i = 1; i < CONNECTIONS_MAX; i++) crowd.push(await pair.dial('records'));
      await until(() => pair.open('records') === CONNECTIONS_MAX);
      for (let i = 0; i < 50; i++) {
        const refused = await pair.dial('records');
        refused.resume();
        await until(() => refused.readableEnded || refused.destroyed);
      }
      pair.speak();
      for (const one of crowd) one.destroy();
      await until(() => pair.open('records') === 1);
      // A place is free when its socket is gone, a moment after its connection has ended.
      let late: Socket;
      do {
        late = await pair.dial('records');
        late.resume();
        late.write('{"n":1}\n');
        await until(() => pair.open('records') === 2 || late.readableEnded || late.destroyed);
      } while (pair.open('records') === 1);
      late.end();
    },
    { records: 1 },
  ],
  [
    'is two, whose lines come in turns, piece by piece',
    async () => {
      const [one, two] = [await pair.dial('records'), await pair.dial('records')];
      for (let i = 0; i < 50; i++) {
        for (const part of ['{"n"', ':1', '}\n']) {
          await pair.send(one, 'records', part);
          await pair.send(two, 'records', part);
        }
      }
      one.end();
      two.end();
    },
    { records: 100 },
  ],
  [
    'floods the lane with records and rubbish',
    async () => {
      const socket = await pair.dial('records');
      const block = '{"n":1}\n{"n":\n\n'.repeat(500);
      for (let i = 0; i < 20; i++) {
        socket.write(block);
        await new Promise(setImmediate);
        pair.speak();
      }
      socket.end();
    },
    { records: 10_000, bad: 10_000, empty: 10_000, why: ['not-json'] },
  ],
];

test.each(BEHAVIOURS)('a peer that %s', async (_what, behave, want) => {
  await behave();
  pair.speak();
  await expectCounts('records', want);
});
