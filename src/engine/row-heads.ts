/**
 * Where the chains of kept rows begin: by bucket of a hash and by side, the number of the newest row, its low
 * 32 bits. Both sides of a bucket lie together, as a record asks for one and then takes its place in the other.
 *
 * Nothing is ever taken out. A place may name a row that is long forgotten, or none, and after 2^32 rows one of
 * another bucket; so whoever follows it asks whether the row is still kept, and compares keys in any case.
 */

const FIRST_BUCKETS = 256;
/** Chains stay short: the larger side has no more than one row for so many buckets. */
const BUCKETS_PER_ROW = 1;
/** Buckets are given up when rows want no more than this part of them. */
const SHRINK_AT = 16;
/** Hashes have 31 bits, and an array of more is beyond one machine's share in any case. */
const BUCKETS_MAX = 2 ** 28;

export class Heads {
  readonly sides: number;
  values: Int32Array;
  /** Of a hash, for the number of a bucket. */
  mask = FIRST_BUCKETS - 1;

  constructor(sides: number) {
    this.sides = sides;
    this.values = new Int32Array(sides * FIRST_BUCKETS);
  }

  /** @returns whether there are other buckets from now on, all empty: then every kept row has to be entered */
  fit(rows: number): boolean {
    const buckets = this.mask + 1;
    const wanted = Math.max(FIRST_BUCKETS, Math.min(BUCKETS_MAX, BUCKETS_PER_ROW * rows));
    // What has grown and shrunk again will mostly grow again, so it is given back late.
    if (wanted <= buckets && wanted > buckets / SHRINK_AT) return false;
    let fitting = FIRST_BUCKETS;
    while (fitting < wanted) fitting *= 2;
    if (fitting === buckets) return false;
    this.mask = fitting - 1;
    this.values = new Int32Array(this.sides * fitting);
    return true;
  }
}
