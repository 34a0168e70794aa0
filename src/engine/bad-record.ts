/** A line that is no record: what the dead letter tells of it. */
import type { BadRecordReason } from '../codecs/codec.ts';

export interface BadRecord {
  readonly reason: BadRecordReason;
  readonly detail: string;
  readonly connection: number;
  /** Number of the line on its connection, from 1. */
  readonly line: number;
  /** Its first bytes; valid until the call that received it returns. */
  readonly bytes: Uint8Array;
  /** How long the line was. */
  readonly size: number;
}
