/** What receivers of dead letters read: the same nine fields for every reason, pinned byte by byte. */
import { describe, expect, test } from '@jest/globals';
import rhea from 'rhea';
import { BAD_RECORD_REASONS } from '../../src/codecs/codec.ts';
import { createDeadLetterEncoder, type DeadLetter } from '../../src/codecs/dead-letter.ts';
import { Engine } from '../../src/engine/engine.ts';
import { MESSAGE_BYTES_MAX } from '../../src/engine/exit-stage.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import { assignIds } from '../../src/topology/canonical.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { topologyOf } from '../tools/flow-world.ts';
import { AT, AT_MS, bodiesOf, STREAM } from './message-world.ts';

const LETTER: DeadLetter = {
  reason: 'not-json',
  detail: 'é',
  element: 'orders',
  at: AT,
  connection: 3,
  line: 200,
  id: null,
  bytes: Buffer.from('{\0'),
  size: 2,
};

function encode(letter: DeadLetter, id = 1): Buffer {
  return bodiesOf(createDeadLetterEncoder(STREAM).encode(letter, id, AT, 9))[0];
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

test('the bytes of a dead letter are pinned', () => {
  const parts = [
    `005372 c149 04 a317${hex('x-opt-roundabout-stream')} 98${STREAM}`,
    `a317${hex('x-opt-roundabout-format')} a103${hex('map')}`,
    '005373 c014 0a 5301 4040404040404040 83 0000019b76daa87b',
    '005377 c172 12',
    `a106${hex('reason')} a108${hex('not-json')}`,
    `a106${hex('detail')} a102${hex('é')}`,
    `a107${hex('element')} a106${hex('orders')}`,
    `a102${hex('at')} 83 0000019b76daa87b`,
    `a10a${hex('connection')} 5503`,
    `a104${hex('line')} 81 00000000000000c8`,
    `a102${hex('id')} 40`,
    `a105${hex('bytes')} a002 7b00`,
    `a104${hex('size')} 5502`,
  ];
  expect(encode(LETTER).toString('hex')).toBe(parts.join('').replaceAll(' ', ''));
});

describe('the original bytes of a dead letter', () => {
  test.each([0, 255, 256, 65_536, 65_537, 1_000_000])('are kept up to 64 KiB: of %i', (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => i & 0xff));
    const { body } = rhea.message.decode(encode({ ...LETTER, bytes, size: size + 7 })) as {
      body?: { bytes: Buffer; size: number };
    };
    expect(body?.size).toBe(size + 7);
    expect(Buffer.compare(body?.bytes ?? Buffer.of(1), bytes.subarray(0, 65_536))).toBe(0);
  });
});

const flow = topologyOf(`version: 1
name: letters
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      json:
        listen: 0
        fields: { n: long, s: string, at: { type: timestamp, format: epoch_ms } }
        required: [n]
        event_time: at
        limits: { max_line: 64KiB }
      text: { listen: 0, codec: text }
      cells: { listen: 0, codec: { csv: { header: false, columns: [n, s] } }, fields: { n: long } }
      strict: { listen: 0, unknown_fields: reject, fields: { n: { type: long, source: a.n } } }
      named: { listen: 0, codec: csv, fields: { n: long } }
      matched: { listen: 0, codec: { pattern: '^(?<n>[0-9]+)' }, fields: { n: long } }
exits:
  out: { from: json, for: v }
  texts: { from: twice, for: v }
  cells: { from: cells, for: v }
  named: { from: named, for: v }
  matched: { from: matched, for: v }
  strict: { from: strict, for: v }
operators:
  twice: { type: select, from: text, fields: { a: line, b: line } }
`);
const plan = planTopology(
  flow,
  assignIds(flow, (bytes) => new Uint8Array(bytes).fill(0xab)),
);

class LetterHold implements Hold {
  next = 1;
  readonly bodies: Buffer[] = [];

  append(bodies: Bodies): void {
    this.next += bodies.count;
    this.bodies.push(...bodiesOf(bodies));
  }
}

/** Sends one line to a lane as its connection 7. @returns what the dead letter holds */
function lettersOf(name: string, line: Buffer): readonly Buffer[] {
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new LetterHold()]));
  const engine = new Engine({ plan, start: AT, holds, seed: 1 });
  const lane = plan.lanes.find((one) => one.name === name)?.id;
  const feed = (entry: object): void => engine.feed({ lsn: 1, at: AT, ...entry } as LogEntry);
  feed({ kind: 'opened', lane, connection: 7, peer: 'test' });
  const bytes = Buffer.concat([Buffer.from('\n'), line, Buffer.from('\n')]);
  feed({ kind: 'chunk', lane, connection: 7, bytes });
  feed({ kind: 'closed', lane, connection: 7, how: 'end' });
  expect(engine.account().gaps).toEqual([]);
  return holds.get(plan.deadLetter.id)?.bodies ?? [];
}

describe('a dead letter of the engine', () => {
  const now = String(AT_MS);
  const lines: readonly (readonly [
    reason: string,
    line: string | Buffer,
    detail: string,
    lane?: string,
  ])[] = [
    ['not-utf8', Buffer.from('7b226e223a22ff227d', 'hex'), 'bytes that are not UTF-8'],
    ['not-json', '{"n":1', 'no comma and no end, at byte 7'],
    ['not-an-object', '[1]', '[1] where an object is wanted'],
    ['not-csv', '1,"a"b', 'text behind a closing quote, at byte 6', 'cells'],
    ['wrong-cell-count', '1,a,b', '3 cells where there are 2 columns', 'cells'],
    ['bad-header', 'n,s,n', 'two columns are called n', 'named'],
    ['no-match', 'two', 'the pattern does not match two', 'matched'],
    ['missing-field', `{"at":${now}}`, 'n is missing or null'],
    ['unknown-field', '{"a":{"n":1,"x":2},"more":3}', 'more is no field of the lane', 'strict'],
    ['wrong-type', `{"n":"é","at":${now}}`, 'n: "é" where a value of type long is wanted'],
    [
      'number-too-large',
      `{"n":9007199254740993,"at":${now}}`,
      'n: 9007199254740993 is a long beyond 2^53 - 1, the largest that is supported so far',
    ],
    ['bad-event-time', '{"n":1}', 'the event time "at" is missing'],
    [
      'line-too-long',
      `{"n":1,"s":"${'x'.repeat(70_000)}"}`,
      'a line of 70014 bytes; the limit is 65536',
    ],
  ];

  test('can have every reason there is', () => {
    expect(lines.map(([reason]) => reason)).toEqual([...BAD_RECORD_REASONS]);
  });

  test.each(lines)(
    'that is %s tells where, and what came',
    (reason, line, detail, lane = 'json') => {
      const bytes = Buffer.from(line as string);
      const [letter, ...more] = lettersOf(lane, bytes).map((body) => rhea.message.decode(body));
      expect(more).toEqual([]);
      expect(letter['message_id']).toBe(1);
      expect(letter['creation_time']).toEqual(new Date(AT_MS));
      const { bytes: kept, ...fields } = Object(letter['body']);
      expect(fields).toEqual({
        reason,
        detail,
        element: lane,
        at: new Date(AT_MS),
        connection: 7,
        line: 2,
        id: null,
        size: bytes.length,
      });
      expect(Buffer.compare(kept, bytes.subarray(0, 65_536))).toBe(0);
    },
  );

  test('that is message-too-large tells the exit, and has no line', () => {
    const line = Buffer.alloc(MESSAGE_BYTES_MAX / 2, 'y');
    const [letter] = lettersOf('text', line).map((body) => rhea.message.decode(body));
    const { bytes: kept, size, ...fields } = Object(letter['body']);
    expect(fields).toEqual({
      reason: 'message-too-large',
      detail: `a message of ${size} bytes; the limit is 1048576`,
      element: 'texts',
      at: new Date(AT_MS),
      connection: null,
      line: null,
      id: null,
    });
    expect(size).toBeGreaterThan(MESSAGE_BYTES_MAX);
    expect(kept).toHaveLength(65_536);
  });
});
