/**
 * The first page of every large file: what it is, its format, whose it is, and a checksum over all of
 * the page, so that no flipped bit passes. The fields between are the file's own matter.
 */
import { idBytes, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
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
 * Checks a header that was read from `path`.
 * @returns a view of the page; undefined when it is not whole
 * @throws RoundaboutError `newer-format`, or `data-damaged` for another kind of file or another pipeline
 */
export function openHeader(
  page: Buffer,
  path: string,
  magic: string,
  pipelineId: string,
): DataView | undefined {
  if (page.length < PAGE_BYTES) return undefined;
  const view = viewOf(page);
  if (crc32(page, 0, CRC_AT, 0) !== view.getUint32(CRC_AT, true)) return undefined;
  if (page.toString('latin1', 0, 4) !== magic) {
    // A page of zeros has the checksum of no header: this is a whole header of something else.
    throw damaged(path, 0, 'it is another kind of file');
  }
  const major = view.getUint16(4, true);
  const minor = view.getUint16(6, true);
  if (major !== FORMAT_MAJOR || minor > FORMAT_MINOR) {
    throw newerFormat(path, `${major}.${minor}`, `${FORMAT_MAJOR}.${FORMAT_MINOR}`);
  }
  if (!page.subarray(8, 24).equals(idBytes(pipelineId))) {
    throw damaged(path, 8, 'it belongs to another state directory');
  }
  return view;
}
