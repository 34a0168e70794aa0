/**
 * Kept rows of one or two sides, found by a key that all sides share: its hash is computed once, to find partners
 * on the other side and to be kept on its own. A key is kept with its rows and forgotten with them.
 */
import type { RowState, StateShape } from '../operators/operator-state.ts';
import type { Column } from '../stream/column.ts';
import type { Watermark } from '../stream/watermark.ts';
import { Heads } from './row-heads.ts';
import { hashKeys } from './row-keys.ts';
import { Side } from './row-side.ts';

/** The place of a side whose rows no one looks up. */
const NOWHERE = -1;

export class Rows implements RowState {
  readonly kind = 'rows';
  readonly sides: readonly Side[];
  readonly seed: number;
  readonly #heads: Heads;

  /** @param seed of the hashes of keys */
  constructor({ keys, sides }: StateShape & { readonly kind: 'rows' }, seed: number) {
    this.seed = seed;
    this.#heads = new Heads(sides.filter(({ found }) => found !== 'none').length);
    let place = 0;
    this.sides = sides.map((side) =>
      side.found === 'none'
        ? new Side(side, [], this.#heads, NOWHERE)
        : new Side(side, keys, this.#heads, place++),
    );
  }

  hash(keys: readonly Column[], rows: Int32Array | null, count: number, hashes: Int32Array): void {
    hashKeys(keys, this.seed, rows, count, hashes);
    // Room for all of them on any side: what is looked up now is mostly kept next.
    this.#fit(count);
  }

  forget(side: number, through: Watermark): void {
    this.sides[side].forget(through);
  }

  startOver(): void {
    for (const side of this.sides) side.startOver();
  }

  open(): { readonly windows: number; readonly groups: number; readonly rows: number } {
    let rows = 0;
    for (const side of this.sides) rows += side.size;
    return { windows: 0, groups: 0, rows };
  }

  #fit(further: number): void {
    let most = 0;
    for (const { size, place } of this.sides) if (place !== NOWHERE) most = Math.max(most, size);
    if (!this.#heads.fit(most + further)) return;
    for (const side of this.sides) side.rechain();
  }
}
