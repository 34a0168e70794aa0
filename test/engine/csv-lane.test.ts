/** Headers of CSV in a lane: what a line means depends on its own connection, not on where the network cut it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from '../tools/campaign.ts';
import { EngineRun, START } from '../tools/engine-run.ts';

/** The third lane is read without a header, so that an edit finds all kinds. */
const FLOW = `version: 1
name: cells
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      a: { listen: 0, codec: csv, fields: { n: long, s: string } }
      b:
        listen: 0
        codec: { csv: { delimiter: ";", quote: "'", null: NA } }
        fields: { n: long, s: string }
      c:
        listen: 0
        codec: { csv: { header: false, columns: [s, x, n] } }
        fields: { n: long, s: string }
exits:
  a: { from: a, for: v }
  b: { from: b, for: v }
  c: { from: c, for: v }
`;

interface Row {
  readonly n: number | null;
  readonly s: string | null;
}

const row = fc.record({
  n: fc.option(fc.maxSafeInteger()),
  s: fc.option(fc.string({ unit: fc.constantFrom('a', '"', "'", ',', ';', ' ', 'é', 'N', 'A') })),
});

/** As a vehicle of the lane would write it, with a column more and an empty line in front. */
function written(lane: string, rows: readonly Row[]): Buffer {
  const [delimiter, quote, nothing] = lane === 'b' ? [';', "'", 'NA'] : [',', '"', ''];
  const lines = rows.map(({ n, s }) => {
    const text = s === null ? nothing : quote + s.replaceAll(quote, quote + quote) + quote;
    return [text, 'x', n === null ? nothing : String(n)];
  });
  const all = lane === 'c' ? lines : [['s', 'x', 'n'], ...lines];
  return Buffer.from(['', ...all.map((cells) => cells.join(delimiter)), ''].join('\r\n'));
}

const lane = fc.record({
  rows: fc.array(row, { maxLength: 8 }),
  /** Lengths of chunks, again and again. */
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
});

describe('a lane of CSV', () => {
  test('gives the records that were written, however they are cut and edited, and again at a replay', () => {
    fc.assert(
      fc.property(fc.record({ a: lane, b: lane, c: lane }), (lanes) => {
        const run = new EngineRun(FLOW).open();
        const waiting = Object.entries(lanes).map(([name, { rows, cuts }]) => ({
          name,
          bytes: written(name, rows),
          cuts,
        }));
        for (let turn = 0; waiting.some(({ bytes }) => bytes.length > 0); turn++) {
          for (const one of waiting) {
            const size = one.cuts[turn % one.cuts.length];
            if (one.bytes.length > 0) {
              run.chunk({ lane: one.name, bytes: one.bytes.subarray(0, size) });
            }
            one.bytes = one.bytes.subarray(size);
          }
        }
        run.close();
        const account = run.account();
        expect(account.gaps).toEqual([]);
        for (const { name, lines, records, empty, bad } of account.lanes) {
          const { rows } = lanes[name as 'a' | 'b' | 'c'];
          expect(run.messages(name).map(({ n, s }) => ({ n, s }))).toEqual(rows);
          expect([lines, records, empty, bad]).toEqual([rows.length + 1, rows.length, 1, 0]);
        }
        const again = new EngineRun(FLOW);
        again.replay(run.log);
        for (const name of ['a', 'b', 'c']) expect(again.bytes(name)).toEqual(run.bytes(name));
      }),
      { numRuns: share(120) },
    );
  });

  test('keeps the header of each connection, a bad one until that connection ends', () => {
    const run = new EngineRun(FLOW);
    const id = run.plan.lanes.find(({ name }) => name === 'a')?.id;
    const at = START;
    const feed = (connection: number, text: string): object => ({
      kind: 'chunk',
      lane: id,
      connection,
      bytes: Buffer.from(text),
    });
    const opened = (connection: number): object => ({
      kind: 'opened',
      lane: id,
      connection,
      peer: 'test',
    });
    const entries = [
      opened(1),
      opened(2),
      opened(3),
      feed(1, 'n,s\n1,'),
      feed(2, 's,n\ntwo,2\n'),
      feed(3, 'n,n\n3,3\n'),
      { kind: 'commit' },
      feed(1, 'one\n'),
      feed(2, 'four,4\n'),
      feed(3, '\n5,5\n'),
      { kind: 'closed', lane: id, connection: 3, how: 'end' },
      opened(4),
      feed(4, 'n\n6\n'),
    ].map((entry, i) => ({ lsn: i + 1, at, ...entry }));
    run.replay(entries as never);
    expect(run.messages('a').map(({ n, s }) => [n, s])).toEqual([
      [2, 'two'],
      [1, 'one'],
      [4, 'four'],
      [6, null],
    ]);
    const [a] = run.account().lanes;
    expect([a.lines, a.records, a.bad, a.empty]).toEqual([8, 4, 3, 1]);
    expect(run.account().gaps).toEqual([]);
  });

  test('takes a header over the limit of a line for a bad one', () => {
    const run = new EngineRun(FLOW.replace('codec: csv', 'codec: csv, limits: { max_line: 8B }'));
    run.open();
    run.chunk({ lane: 'a', bytes: Buffer.from('n,s,too_long\n1,x,\n') });
    const [a] = run.account().lanes;
    expect([a.lines, a.records, a.bad]).toEqual([2, 0, 2]);
  });
});
