/**
 * The sentences of storage: a call that failed, and data that is not what was written. Where the call
 * stands decides which; both end the process, and nothing is tried again.
 */
import { RoundaboutError } from '../stream/error.ts';
import { codeOf } from './disk.ts';

/** A write, a sync or another call on `path` failed. A RoundaboutError is passed on as it is. */
export function storageError(path: string, cause: unknown): RoundaboutError {
  if (cause instanceof RoundaboutError) return cause;
  if (isFull(cause)) {
    return new RoundaboutError('disk-full', `no space is left for ${path}`, {
      hint: 'free space on its file system, or raise its quota, and start again: nothing that was acknowledged is lost',
      cause,
    });
  }
  return new RoundaboutError(
    'storage-failed',
    `${path} can't be written or read: ${textOf(cause)}`,
    {
      hint: 'see what the system says of this disk, then start again: nothing that was acknowledged is lost',
      cause,
    },
  );
}

/** No space is left, or none that this user may have. */
export function isFull(cause: unknown): boolean {
  const code = codeOf(cause);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Stored bytes that were durable are not there any more. @param at the byte in the file */
export function damaged(path: string, at: number, why: string): RoundaboutError {
  return new RoundaboutError('data-damaged', `${path} is damaged at byte ${at}: ${why}`, {
    hint: 'nothing was changed; bring the state directory back from a copy, or start anew with --fresh',
  });
}

/** A file of a format that this version does not know. */
export function newerFormat(path: string, found: string, known: string): RoundaboutError {
  return new RoundaboutError(
    'newer-format',
    `${path} has format ${found}; this version knows ${known}`,
    {
      hint: 'run the version that wrote it, or a later one',
    },
  );
}

function textOf(cause: unknown): string {
  // An error of the system may come from another realm, where `instanceof Error` is false.
  return typeof cause === 'object' && cause !== null && 'message' in cause
    ? String(cause.message)
    : String(cause);
}
