/** The end of an acknowledgement log, on a real disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AckLog } from '../../src/store/ack-log.ts';
import { type Disk, nodeDisk } from '../../src/store/disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { until } from '../tools/wait.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-acks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a sync that falls due while it is closed finds its file open', async () => {
  const clock = new ManualClock(0);
  const failures: unknown[] = [];
  // It is time for the sync just when the last one is under way.
  const disk: Disk = {
    ...nodeDisk,
    open: async (path, mode) => {
      const file = await nodeDisk.open(path, mode);
      const sync = (): Promise<void> => {
        clock.advance(clock.now() + 1_000_000);
        return file.sync();
      };
      return {
        write: (bytes, at) => file.write(bytes, at),
        read: (into, at) => file.read(into, at),
        size: () => file.size(),
        truncate: (bytes) => file.truncate(bytes),
        close: () => file.close(),
        sync,
      };
    },
  };
  const log = new AckLog({
    disk,
    clock,
    folder,
    fail: (error) => failures.push(error),
    onSyncing: () => () => {},
  });
  await log.load();
  log.settle('accepted', 1, 1);
  await until(() => clock.next < Number.POSITIVE_INFINITY);
  await log.close();
  // Nothing is left that could fail later.
  await new Promise((done) => setImmediate(done));
  expect(failures).toEqual([]);
});
