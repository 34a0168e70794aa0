/**
 * The first page of every large file: what it is, its format, whose it is, and a checksum over all of
 * the page, so that no flipped bit passes. The fields between are the file's own matter.
 */
import { idBytes, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
import type { DiskFile } from './disk.ts';
import { damaged, newerFormat } from './storage-error.ts';

/** The unit that a disk writes whole; headers take one, groups of the log start on one. */
export const PAGE_BYTES = 4096;
/** Where a file's own fields begin: magic, major, minor and pipeline id stand before. */
export const FIELDS_AT = 24;
const CRC_AT = PAGE_BYTES - 4;

/**
 * Readers take every older minor of the same major; what is newer is refused. 1.1 brought `redirect`
 * entries to the log, and moves and charges to the acknowledgements.
 */
export const FORMAT_MAJOR = 1;
export const FORMAT_MINOR = 1;

/** @param magic four ASCII characters @param fields writes from FIELDS_AT on */
export function makeHeader(
  magic: string,
  pipelineId: string,
  fields: (page: Buffer, view: DataView) => void,
): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  const view = viewOf(page);
  page.write(magic, 0, 'latin1');
  view.setUint16(4, FORMAT_MAJOR, true);
  view.setUint16(6, FORMAT_MINOR, true);
  page.set(idBytes(pipelineId), 8);
  fields(page, view);
  view.setUint32(CRC_AT, crc32(page, 0, CRC_AT, 0), true);
  return page;
}

/**
 * Reads the header of a file just opened, and closes the file where there is none. Headers are synced before
 * anything is written behind them: only a file that has nothing behind its first page can be one whose creation
 * was cut short.
 * @returns the page; undefined when the creation was cut short
 * @throws RoundaboutError `newer-format`; `data-damaged` for a broken header, another kind of file or pipeline
 */
export async function readHeader(
  file: DiskFile,
  size: number,
  path: string,
  magic: string,
  pipelineId: string,
): Promise<Buffer | undefined> {
  const page = Buffer.alloc(PAGE_BYTES);
  const read = await file.read(page, 0);
  if (read === PAGE_BYTES && isWhole(page)) {
    checkOwner(page, path, magic, pipelineId);
    return page;
  }
  await file.close();
  if (size > PAGE_BYTES) throw damaged(path, 0, 'its header does not verify');
  return undefined;
}

function isWhole(page: Buffer): boolean {
  return crc32(page, 0, CRC_AT, 0) === page.readUInt32LE(CRC_AT);
}

function checkOwner(page: Buffer, path: string, magic: string, pipelineId: string): void {
  if (page.toString('latin1', 0, 4) !== magic) {
    // A page of zeros has the checksum of no header: this is a whole header of something else.
    throw damaged(path, 0, 'it is another kind of file');
  }
  const major = page.readUInt16LE(4);
  const minor = page.readUInt16LE(6);
  if (major !== FORMAT_MAJOR || minor > FORMAT_MINOR) {
    throw newerFormat(path, `${major}.${minor}`, `${FORMAT_MAJOR}.${FORMAT_MINOR}`);
  }
  if (!page.subarray(8, 24).equals(idBytes(pipelineId))) {
    throw damaged(path, 8, 'it belongs to another state directory');
  }
}
