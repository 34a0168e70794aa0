/**
 * Which holds there are in a state directory, of every plan it has had: written before a plan that adds one
 * comes into force, so that a start can open all of them before it reads the log, whose end they help to judge.
 */
import type { Id } from '../stream/entry.ts';
import type { Disk } from './disk.ts';
import { readFile, replaceFile } from './small-file.ts';
import { damaged } from './storage-error.ts';

export interface ListedHold {
  readonly id: Id;
  /** 32 hex digits: one life of the exit's numbering. */
  readonly stream: string;
}

const NAME = 'HOLDS';

/** @throws RoundaboutError `data-damaged` */
export async function readHoldList(disk: Disk, folder: string): Promise<readonly ListedHold[]> {
  const path = `${folder}/${NAME}`;
  const text = await readFile(disk, path);
  if (text === undefined) return [];
  const listed: ListedHold[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const match = /^(\d{1,9}) ([0-9a-f]{32})$/.exec(line);
    if (match === null) throw damaged(path, 0, 'it is no list of holds');
    listed.push({ id: Number(match[1]), stream: match[2] });
  }
  return listed;
}

export function writeHoldList(
  disk: Disk,
  folder: string,
  holds: readonly ListedHold[],
): Promise<void> {
  const lines = holds.map(({ id, stream }) => `${id} ${stream}\n`);
  return replaceFile(disk, folder, NAME, lines.join(''));
}
