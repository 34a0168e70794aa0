/**
 * The world's mistake: a peer, a disk, a port. An author's mistake is a finding (a value), ours is a
 * failed assertion. The exit code is the one of the table in `docs/exit-codes.md`.
 */
export type ErrorSlug =
  | 'port-in-use'
  | 'cannot-listen'
  | 'state-locked'
  | 'state-not-writable'
  | 'newer-format'
  | 'older-engine'
  | 'storage-failed'
  | 'disk-full'
  | 'data-damaged'
  | 'replay-differs'
  | 'flow-changed'
  | 'unsafe-process'
  | 'file-unreadable'
  | 'file-unwritable'
  | 'bad-table'
  | 'vehicle-failed'
  | 'not-drained'
  | 'bad-record'
  | 'not-running'
  | 'bad-usage'
  | 'account-differs';

const EXIT_CODES: Readonly<Record<ErrorSlug, number>> = {
  'flow-changed': 1,
  'bad-table': 1,
  'bad-usage': 2,
  'file-unreadable': 2,
  'file-unwritable': 2,
  'not-running': 2,
  'port-in-use': 3,
  'cannot-listen': 3,
  'state-locked': 3,
  'state-not-writable': 3,
  'newer-format': 3,
  'older-engine': 3,
  'unsafe-process': 3,
  'vehicle-failed': 4,
  'not-drained': 4,
  'bad-record': 4,
  'storage-failed': 5,
  'disk-full': 5,
  'data-damaged': 6,
  'replay-differs': 70,
  'account-differs': 70,
};

export class RoundaboutError extends Error {
  readonly slug: ErrorSlug;
  readonly exitCode: number;
  /** What to do about it, one sentence. */
  readonly hint: string | undefined;

  constructor(slug: ErrorSlug, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RoundaboutError';
    this.slug = slug;
    this.exitCode = EXIT_CODES[slug];
    this.hint = options.hint;
  }
}
