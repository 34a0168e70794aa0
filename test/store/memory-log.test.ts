/** The log that keeps nothing: everything once, in order, and bytes that are never copied in vain. */
import { expect, test } from '@jest/globals';
import { MemoryLog } from '../../src/store/memory-log.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { Entry, LogEntry } from '../../src/stream/entry.ts';

const START = 1_767_225_600_000_000;
const chunk = (bytes: Uint8Array): Entry => ({ kind: 'chunk', lane: 1, connection: 1, bytes });

function open(onEntry: (entry: LogEntry, log: MemoryLog) => void = () => {}): {
  log: MemoryLog;
  clock: ManualClock;
  delivered: string[];
} {
  const clock = new ManualClock(START);
  const log = new MemoryLog(clock);
  const delivered: string[] = [];
  log.start({
    onDurable: (entries) => {
      for (const entry of entries) {
        const text = entry.kind === 'chunk' ? ` ${Buffer.from(entry.bytes).toString()}` : '';
        delivered.push(entry.kind + text);
        onEntry(entry, log);
      }
    },
    onFailure: (error) => {
      throw error;
    },
  });
  return { log, clock, delivered };
}

test('a chunk is delivered at once, behind what waits; anything else at the end of the turn', async () => {
  const { log, delivered } = open();
  log.append({ kind: 'opened', lane: 1, connection: 1, peer: 'x' });
  expect(delivered).toEqual([]);
  log.append(chunk(Buffer.from('abc')));
  expect(delivered).toEqual(['opened', 'chunk abc']);
  log.append({ kind: 'tick' });
  expect(delivered).toHaveLength(2);
  await log.flush();
  expect(delivered).toEqual(['opened', 'chunk abc', 'tick']);
});

test('what is appended while entries are delivered comes after them, with the bytes it was given', async () => {
  const scratch = Buffer.from('one');
  const { log, delivered } = open((entry, to) => {
    if (entry.kind === 'tick') to.append(chunk(scratch));
  });
  log.append({ kind: 'tick' });
  log.append({ kind: 'finish', lane: 1 });
  await Promise.resolve();
  scratch.write('two');
  await log.close();
  expect(delivered).toEqual(['tick', 'finish', 'chunk one']);
});

test('positions rise, and log time never goes back', () => {
  const entries: LogEntry[] = [];
  const { log, clock } = open();
  for (let i = 0; i < 5; i++) {
    entries.push(log.append(i % 2 === 0 ? { kind: 'tick' } : chunk(Buffer.from('x'))));
    clock.advance(START + i);
  }
  for (let i = 1; i < 5; i++) {
    expect(entries[i].lsn).toBeGreaterThan(entries[i - 1].lsn);
    expect(entries[i].at).toBeGreaterThanOrEqual(entries[i - 1].at);
  }
});
