/** The transfer frames that we write ourselves, read back by the protocol library. */
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { putTransfer, TRANSFER_BYTES, tagOf } from '../../src/amqp/transfer.ts';

interface Frame {
  readonly size: number;
  readonly channel: number;
  readonly performative: {
    readonly handle: number;
    readonly delivery_id: number;
    readonly delivery_tag: Buffer;
    readonly message_format: number;
    readonly settled: boolean;
    readonly more: boolean;
  };
  readonly payload: Buffer | undefined;
}
const frames = createRequire(import.meta.url)('rhea/lib/frames.js') as {
  read_frame(bytes: Buffer): Frame;
};

const uint = fc.nat(2 ** 32 - 1);

describe('a transfer frame', () => {
  test('says what it was given, wherever it is written', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        uint,
        uint,
        fc.maxSafeNat(),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(50),
        (channel, handle, id, sequence, bytes, at) => {
          const payload = Buffer.from(bytes);
          const end = at + TRANSFER_BYTES + payload.length;
          const into = Buffer.alloc(end + 1, 0xee);
          putTransfer(into, at, channel, handle, id, sequence, payload);
          const frame = frames.read_frame(into.subarray(at, end));
          expect(frame.size).toBe(end - at);
          expect(frame.channel).toBe(channel);
          const { performative } = frame;
          expect(performative.handle).toBe(handle);
          expect(performative.delivery_id).toBe(id);
          expect(Buffer.compare(performative.delivery_tag, tagOf(sequence))).toBe(0);
          expect(tagOf(sequence).readBigUInt64BE()).toBe(BigInt(sequence));
          expect(performative.message_format).toBe(0);
          expect(performative.settled).toBe(false);
          expect(performative.more).toBe(false);
          expect(frame.payload?.equals(payload)).toBe(true);
          // Nothing beside it was touched.
          expect(into.subarray(0, at).every((byte) => byte === 0xee)).toBe(true);
          expect(into[end]).toBe(0xee);
        },
      ),
      { numRuns: 300 },
    );
  });
});
