/** A file that is followed: what is given on, and what is not read at all. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FollowedFile } from '../../src/runner/followed-file.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { until } from '../tools/product.ts';

const MIB = 1024 * 1024;

let folder: string;
let file: string;
let followed: FollowedFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-followed-'));
  file = join(folder, 'rows');
});
afterEach(async () => {
  await followed.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Follows the file by a clock that is moved on until something has come. */
function follow(options: { readonly tooLarge?: (bytes: number) => string | undefined } = {}) {
  const clock = new ManualClock(Date.now() * 1000);
  const given: string[] = [];
  const missing: string[] = [];
  followed = new FollowedFile({
    file,
    clock,
    ...options,
    onChange: (bytes) => {
      given.push(`${bytes.length} ${String.fromCharCode(bytes[0])}`);
      return Promise.resolve();
    },
    onMissing: (why) => missing.push(why),
  });
  const pass = async (done: () => boolean): Promise<void> => {
    await until(() => {
      clock.advance(clock.now() + 500_000);
      return done();
    });
  };
  return { given, missing, pass };
}

test('whose content nobody knows yet is given on, and so is one that is changed in its place, also a large one', async () => {
  writeFileSync(file, Buffer.alloc(2 * MIB, 'a'));
  const { given, pass } = follow();
  await pass(() => given.length === 1);
  // Of the same size; it is the time of the change that tells.
  writeFileSync(file, Buffer.alloc(2 * MIB, 'b'));
  await pass(() => given.length === 2);
  writeFileSync(file, 'c');
  await pass(() => given.length === 3);
  expect(given).toEqual([`${2 * MIB} a`, `${2 * MIB} b`, '1 c']);
});

test('that is small is read whatever the system says of its time', async () => {
  writeFileSync(file, 'a');
  utimesSync(file, 1, 1);
  const { given, pass } = follow();
  await pass(() => given.length === 1);
  writeFileSync(file, 'b');
  utimesSync(file, 1, 1);
  await pass(() => given.length === 2);
  expect(given).toEqual(['1 a', '1 b']);
});

test('that is too large is not read, which is told once', async () => {
  writeFileSync(file, 'a');
  const { given, missing, pass } = follow({
    tooLarge: (bytes) => (bytes > 10 ? `${bytes} are too many` : undefined),
  });
  await pass(() => given.length === 1);
  writeFileSync(file, 'far too long');
  await pass(() => missing.length === 1);
  writeFileSync(file, 'b');
  await pass(() => given.length === 2);
  expect(missing).toEqual(['12 are too many']);
  expect(given).toEqual(['1 a', '1 b']);
});
