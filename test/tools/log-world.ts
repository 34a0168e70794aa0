/** A lane log in a test: opened on any disk, filled with bursts of chunks, and read back as texts. */
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { Disk } from '../../src/store/disk.ts';
import { LaneLog } from '../../src/store/lane-log.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { LogEntry, Lsn } from '../../src/stream/entry.ts';
import type { RoundaboutError } from '../../src/stream/error.ts';

const PIPELINE_ID = '0123456789abcdef0123456789abcdef';
const START = 1_767_225_600_000_000;
export const SEGMENT_BYTES = 64 * 1024;

export interface Burst {
  /** Bytes of the chunks appended without a pause. */
  readonly chunks: readonly number[];
  /** Waited before them; after a second the log notes what is durable. */
  readonly waitMicros: number;
  readonly flush: boolean;
}

/** Chunks that make groups of one page to four, and some that fill a segment soon. */
export const anyBurst: fc.Arbitrary<Burst> = fc.record({
  chunks: fc.array(fc.oneof(fc.nat(300), fc.nat(14_000)), { minLength: 1, maxLength: 3 }),
  waitMicros: fc.oneof({ weight: 3, arbitrary: fc.nat(10_000) }, fc.constant(1_100_000)),
  flush: fc.boolean(),
});

export interface Filled {
  readonly appended: string[];
  readonly delivered: string[];
  /** How many entries each group had. */
  readonly groups: number[];
  readonly failures: RoundaboutError[];
  /** How many had been delivered when the first failure was told. */
  deliveredAtFailure: number | undefined;
  log: LaneLog | undefined;
}

export function nothingFilled(): Filled {
  return {
    appended: [],
    delivered: [],
    groups: [],
    failures: [],
    deliveredAtFailure: undefined,
    log: undefined,
  };
}

export function openLog(disk: Disk, clock = new ManualClock(START)): Promise<LaneLog> {
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9);
  const options = { folder: 'log', pipelineId: PIPELINE_ID, segmentBytes: SEGMENT_BYTES, random };
  return LaneLog.open({ disk, clock, ...options });
}

/** All that an entry says, its bytes by length and checksum. */
export function textOf(entry: LogEntry): string {
  const bytes = entry.kind === 'chunk' ? entry.bytes : new Uint8Array(0);
  return `${entry.lsn} ${entry.at} ${entry.kind} ${bytes.length} ${crc32(bytes)}`;
}

export async function readAll(
  disk: Disk,
  evidence: Lsn = 0,
): Promise<{ readonly entries: string[]; readonly log: LaneLog }> {
  const log = await openLog(disk);
  const entries: string[] = [];
  await log.replay(
    (entry) => entries.push(textOf(entry)),
    () => Promise.resolve(),
    evidence,
  );
  return { entries, log };
}

/** Opens, appends the bursts, and notes in `filled` what happened as it happens. */
export async function fill(disk: Disk, bursts: readonly Burst[], filled: Filled): Promise<void> {
  const clock = new ManualClock(START);
  const log = await openLog(disk, clock);
  filled.log = log;
  await log.replay(
    () => {},
    () => Promise.resolve(),
    0,
  );
  log.start({
    onDurable: (entries) => {
      filled.delivered.push(...entries.map(textOf));
      filled.groups.push(entries.length);
    },
    onFailure: (error) => {
      filled.deliveredAtFailure ??= filled.delivered.length;
      filled.failures.push(error);
    },
  });
  for (const { chunks, waitMicros, flush } of bursts) {
    clock.advance(clock.now() + waitMicros);
    await new Promise(setImmediate);
    for (const size of chunks) {
      const bytes = Buffer.alloc(size, 97 + (filled.appended.length % 26));
      filled.appended.push(textOf(log.append({ kind: 'chunk', lane: 1, connection: 1, bytes })));
    }
    if (flush) await log.flush();
    else await new Promise(setImmediate);
  }
  await log.flush();
}
