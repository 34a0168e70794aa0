/** What could not pass, as a message: one map of the same fields whatever the source, NULL where one does not apply. */
import type { Lsn } from '../stream/entry.ts';
import type { Bodies, Sequence } from '../stream/port.ts';
import { type DataType, LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import {
  beginCompound,
  endCompound,
  putBinary,
  putLong,
  putNull,
  putText,
  putTimestamp,
} from './amqp-types.ts';
import { ByteArea } from './byte-area.ts';
import type { DeadLetterReason } from './dead-letter-reasons.ts';
import { annotations, beginMessage } from './message.ts';

/** Of the original bytes at most this many are kept; `size` tells how many there were. */
const ORIGINAL_BYTES_MAX = 64 * 1024;

export interface DeadLetter {
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** The lane, operator or exit where it happened. */
  readonly element: string;
  readonly at: Micros;
  readonly connection: number | null;
  readonly line: number | null;
  /** The id it had at an exit. */
  readonly id: number | null;
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** What a receiver finds in one, in order. */
export const DEAD_LETTER_FIELDS: readonly { readonly name: string; readonly type: DataType }[] = [
  { name: 'reason', type: STRING },
  { name: 'detail', type: STRING },
  { name: 'element', type: STRING },
  { name: 'at', type: TIMESTAMP },
  { name: 'connection', type: LONG },
  { name: 'line', type: LONG },
  { name: 'id', type: LONG },
  { name: 'bytes', type: STRING },
  { name: 'size', type: LONG },
];

export interface DeadLetterEncoder {
  /** @returns one message; memory of the encoder, valid until its next call */
  encode(letter: DeadLetter, id: Sequence, at: Micros, cause: Lsn): Bodies;
}

export function createDeadLetterEncoder(stream: string): DeadLetterEncoder {
  const prefix = annotations(stream, 'map');
  const area = new ByteArea();
  const ends = new Int32Array(1);
  const whole = (name: string, value: number | null): void => {
    putText(area, name);
    if (value === null) putNull(area);
    else putLong(area, value);
  };
  return {
    encode(letter, id, at, cause) {
      area.clear();
      beginMessage(area, prefix, id, at);
      const start = beginCompound(area);
      for (const name of ['reason', 'detail', 'element'] as const) {
        putText(area, name);
        putText(area, letter[name]);
      }
      putText(area, 'at');
      putTimestamp(area, letter.at);
      whole('connection', letter.connection);
      whole('line', letter.line);
      whole('id', letter.id);
      putText(area, 'bytes');
      putBinary(area, letter.bytes, 0, Math.min(letter.bytes.length, ORIGINAL_BYTES_MAX));
      whole('size', letter.size);
      endCompound(area, start, 0xc1, 18);
      ends[0] = area.length;
      return { first: id, count: 1, bytes: area.written(), ends, at, cause };
    },
  };
}
