/**
 * Entries of the lane log to bytes and back. A format: numbers are never given a new meaning. A record
 * needs no checksum of its own, the group that carries it has one.
 *
 *     u32 payload bytes, u8 type, u8 flags, u16 lane, u32 connection, i64 log time, payload
 */
import assert from 'node:assert/strict';
import type { ConnectionEnd, Entry, LogEntry, Lsn, Refusal, RunOutcome } from '../stream/entry.ts';
import type { Micros } from '../stream/time.ts';
import { getI64, getU64, putI64, putU64, viewOf } from './binary.ts';

export const RECORD_HEADER_BYTES = 20;

/** Every type there is or will be; those without a codec are kept for the issues that bring them. */
export const ENTRY_TYPES = {
  chunk: 1,
  opened: 2,
  closed: 3,
  tick: 4,
  run: 5,
  finish: 6,
  close: 7,
  lookup: 8,
  redirect: 9,
  commit: 10,
  barrier: 11,
  restart: 12,
  command: 13,
  heartbeat: 14,
} as const;

const ENDS: readonly ConnectionEnd[] = ['end', 'reset', 'limit', 'stop', 'refused'];
const REASONS: readonly Refusal['reason'][] = ['rejected', 'too-many-deliveries', 'hold-full'];
/** u32 exit, u64 sequence, u32 size, u32 bytes of the condition, u32 bytes of the description. */
const REDIRECT_HEAD_BYTES = 24;
/** u32 table, u32 size, u32 offset, the hash. */
const LOOKUP_HEAD_BYTES = 44;
const HASH_BYTES = 32;
const OUTCOMES: readonly RunOutcome[] = ['clean', 'failed', 'stopped'];
/** u32 vehicle, u32 run, i64 planned time or 0. */
const RUN_BYTES = 16;
/** Of a run's flags: the outcome stands above these. */
const RUN_ENDED = 1;
const RUN_PLANNED = 2;
const RUN_OUTCOME_SHIFT = 2;
const NOTHING = Buffer.alloc(0);
const LANE_MAX = 0xffff;

/** What follows the record header. For a chunk: its bytes themselves, not copied. */
export function payloadOf(entry: Entry): Uint8Array {
  switch (entry.kind) {
    case 'chunk':
      return entry.bytes;
    case 'opened':
      return Buffer.from(entry.peer, 'utf8');
    case 'run':
      return runPayload(entry);
    case 'redirect':
      return redirectPayload(entry);
    case 'lookup': {
      const { table, size, offset, hash, bytes } = entry;
      return Buffer.concat([u32s(table, size, offset), Buffer.from(hash, 'hex'), bytes]);
    }
    case 'commit': {
      const hash = Buffer.from(entry.hash, 'utf8');
      return Buffer.concat([u32s(entry.revision, hash.length), hash, Buffer.from(entry.plan)]);
    }
    case 'restart': {
      const v8 = Buffer.from(entry.v8, 'utf8');
      return Buffer.concat([
        u32s(entry.epoch, entry.engine, v8.length),
        v8,
        Buffer.from(entry.unicode, 'utf8'),
      ]);
    }
    default:
      return NOTHING;
  }
}

/** Writes a record of RECORD_HEADER_BYTES + payload.length bytes at `at`. */
export function putEntry(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  entry: Entry,
  payload: Uint8Array,
  time: Micros,
): void {
  const lane = 'lane' in entry ? entry.lane : 0;
  assert(lane <= LANE_MAX, 'a lane number has 16 bits');
  view.setUint32(at, payload.length, true);
  view.setUint8(at + 4, ENTRY_TYPES[entry.kind]);
  view.setUint8(at + 5, flagsOf(entry));
  view.setUint16(at + 6, lane, true);
  view.setUint32(at + 8, 'connection' in entry ? entry.connection : 0, true);
  putI64(view, at + 12, time);
  bytes.set(payload, at + RECORD_HEADER_BYTES);
}

/**
 * Reads the record at `at`; the bytes of a chunk are a view.
 * @returns undefined for a record that this version does not know or that reaches beyond `end`
 */
export function getEntry(
  bytes: Buffer,
  view: DataView,
  at: number,
  end: number,
  lsn: Lsn,
): LogEntry | undefined {
  const start = at + RECORD_HEADER_BYTES;
  if (start > end) return undefined;
  const next = start + view.getUint32(at, true);
  if (next > end) return undefined;
  const flags = view.getUint8(at + 5);
  const lane = view.getUint16(at + 6, true);
  const connection = view.getUint32(at + 8, true);
  const stamp = { lsn, at: getI64(view, at + 12) };
  const payload = bytes.subarray(start, next);
  switch (view.getUint8(at + 4)) {
    case ENTRY_TYPES.chunk:
      return { kind: 'chunk', lane, connection, bytes: payload, ...stamp };
    case ENTRY_TYPES.opened:
      return { kind: 'opened', lane, connection, peer: payload.toString('utf8'), ...stamp };
    case ENTRY_TYPES.closed: {
      const how = ENDS[flags];
      return how === undefined ? undefined : { kind: 'closed', lane, connection, how, ...stamp };
    }
    case ENTRY_TYPES.tick:
      return { kind: 'tick', ...stamp };
    case ENTRY_TYPES.finish:
      return { kind: 'finish', lane, ...stamp };
    case ENTRY_TYPES.close:
      return { kind: 'close', lane, ...stamp };
    default:
      return getRareEntry(view.getUint8(at + 4), flags, payload, stamp);
  }
}

function getRareEntry(
  type: number,
  flags: number,
  payload: Buffer,
  stamp: { readonly lsn: Lsn; readonly at: Micros },
): LogEntry | undefined {
  if (type === ENTRY_TYPES.run && payload.length === RUN_BYTES) {
    return getRun(flags, payload, stamp);
  }
  if (type === ENTRY_TYPES.redirect && payload.length >= REDIRECT_HEAD_BYTES) {
    return getRedirect(flags, payload, stamp);
  }
  if (type === ENTRY_TYPES.lookup && payload.length >= LOOKUP_HEAD_BYTES) {
    return {
      kind: 'lookup',
      table: payload.readUInt32LE(0),
      size: payload.readUInt32LE(4),
      offset: payload.readUInt32LE(8),
      hash: payload.toString('hex', LOOKUP_HEAD_BYTES - HASH_BYTES, LOOKUP_HEAD_BYTES),
      bytes: payload.subarray(LOOKUP_HEAD_BYTES),
      ...stamp,
    };
  }
  if (type === ENTRY_TYPES.commit && payload.length >= 8) {
    const planAt = 8 + payload.readUInt32LE(4);
    return {
      kind: 'commit',
      revision: payload.readUInt32LE(0),
      hash: payload.toString('utf8', 8, planAt),
      plan: payload.toString('utf8', planAt),
      ...stamp,
    };
  }
  if (type === ENTRY_TYPES.restart && payload.length >= 12) {
    const unicodeAt = 12 + payload.readUInt32LE(8);
    return {
      kind: 'restart',
      epoch: payload.readUInt32LE(0),
      engine: payload.readUInt32LE(4),
      v8: payload.toString('utf8', 12, unicodeAt),
      unicode: payload.toString('utf8', unicodeAt),
      ...stamp,
    };
  }
  return undefined;
}

type Run = Extract<Entry, { readonly kind: 'run' }>;

function runPayload({ vehicle, run, planned }: Run): Buffer {
  const bytes = Buffer.alloc(RUN_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, vehicle, true);
  view.setUint32(4, run, true);
  putI64(view, 8, planned ?? 0);
  return bytes;
}

function runFlags({ phase, outcome, planned }: Run): number {
  const ended = phase === 'ended' ? RUN_ENDED : 0;
  const how = outcome === null ? 0 : OUTCOMES.indexOf(outcome) << RUN_OUTCOME_SHIFT;
  return ended | (planned === null ? 0 : RUN_PLANNED) | how;
}

function getRun(
  flags: number,
  payload: Buffer,
  stamp: { readonly lsn: Lsn; readonly at: Micros },
): LogEntry | undefined {
  const ended = (flags & RUN_ENDED) !== 0;
  const outcome = OUTCOMES[flags >> RUN_OUTCOME_SHIFT];
  if (outcome === undefined) return undefined;
  return {
    kind: 'run',
    vehicle: payload.readUInt32LE(0),
    run: payload.readUInt32LE(4),
    phase: ended ? 'ended' : 'began',
    outcome: ended ? outcome : null,
    planned: flags & RUN_PLANNED ? getI64(viewOf(payload), 8) : null,
    ...stamp,
  };
}

type Redirect = Extract<Entry, { readonly kind: 'redirect' }>;

function redirectPayload(entry: Redirect): Buffer {
  const condition = Buffer.from(entry.condition, 'utf8');
  const description = Buffer.from(entry.description, 'utf8');
  const head = Buffer.alloc(REDIRECT_HEAD_BYTES);
  const view = viewOf(head);
  view.setUint32(0, entry.exit, true);
  putU64(view, 4, entry.sequence);
  view.setUint32(12, entry.size, true);
  view.setUint32(16, condition.length, true);
  view.setUint32(20, description.length, true);
  return Buffer.concat([head, condition, description, entry.bytes]);
}

function getRedirect(
  flags: number,
  payload: Buffer,
  stamp: { readonly lsn: Lsn; readonly at: Micros },
): LogEntry | undefined {
  const reason = REASONS[flags];
  const descriptionAt = REDIRECT_HEAD_BYTES + payload.readUInt32LE(16);
  const bytesAt = descriptionAt + payload.readUInt32LE(20);
  if (reason === undefined || bytesAt > payload.length) return undefined;
  return {
    kind: 'redirect',
    exit: payload.readUInt32LE(0),
    sequence: getU64(viewOf(payload), 4),
    reason,
    condition: payload.toString('utf8', REDIRECT_HEAD_BYTES, descriptionAt),
    description: payload.toString('utf8', descriptionAt, bytesAt),
    bytes: payload.subarray(bytesAt),
    size: payload.readUInt32LE(12),
    ...stamp,
  };
}

function flagsOf(entry: Entry): number {
  if (entry.kind === 'closed') return ENDS.indexOf(entry.how);
  if (entry.kind === 'redirect') return REASONS.indexOf(entry.reason);
  return entry.kind === 'run' ? runFlags(entry) : 0;
}

function u32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  const view = viewOf(bytes);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
  return bytes;
}
