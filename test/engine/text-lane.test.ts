/** Lines of text that end otherwise than most: found in the same places, however the network cut them. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from '../tools/campaign.ts';
import { EngineRun } from '../tools/engine-run.ts';

const ENDS = [
  [';', ';'],
  ['\0', '\\0'],
  ['\r', '\\r'],
] as const;

test.each(ENDS)('lines that end with %j', (end, written) => {
  const flow = `version: 1
name: texts
http: false
amqp: { listen: 0 }
vehicles: { v: { lanes: { in: { listen: 0, codec: { text: { field: what, separator: "${written}" } } } } } }
exits: { out: { from: in, for: v } }
`;
  const piece = fc.constantFrom(end, 'a', '\r', '\n', 'é', ' ');
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(piece), cuts, (pieces, sizes) => {
      const text = pieces.join('');
      const run = new EngineRun(flow).open();
      let rest = Buffer.from(text);
      for (let i = 0; rest.length > 0; i++) {
        const size = sizes[i % sizes.length];
        run.chunk({ lane: 'in', bytes: rest.subarray(0, size) });
        rest = rest.subarray(size);
      }
      run.close();
      const lines = text.split(end);
      if (lines.at(-1) === '') lines.pop();
      expect(run.messages('out').map(({ what }) => what)).toEqual(lines.filter((one) => one));
      const [account] = run.account().lanes;
      expect([account.lines, account.empty]).toEqual([
        lines.length,
        lines.filter((one) => one === '').length,
      ]);
    }),
    { numRuns: share(150) },
  );
});
