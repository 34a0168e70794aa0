/**
 * Who ends first: a binary heap of ids by (end, order), smallest on top. An end may be known too early: what
 * comes to the top is then put back with its later one, so that moving an end costs nothing until it matters.
 */
const FIRST_ROOM = 16;

export class EndHeap {
  size = 0;
  #ids = new Int32Array(FIRST_ROOM);
  #ends = new Float64Array(FIRST_ROOM);
  #orders = new Float64Array(FIRST_ROOM);

  /** Of the top; means nothing when it is empty. */
  get id(): number {
    return this.#ids[0];
  }

  get end(): number {
    return this.#ends[0];
  }

  push(id: number, end: number, order: number): void {
    if (this.size === this.#ids.length) this.#grow();
    let at = this.size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(end, order, above)) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(at, id, end, order);
  }

  /** The top ends later than was thought. */
  postpone(end: number): void {
    this.#sink(this.#ids[0], end, this.#orders[0]);
  }

  pop(): void {
    this.size--;
    if (this.size === 0) return;
    this.#sink(this.#ids[this.size], this.#ends[this.size], this.#orders[this.size]);
  }

  /** Puts an entry in the place of the top, and further down until nothing below is before it. */
  #sink(id: number, end: number, order: number): void {
    let at = 0;
    for (let below = 1; below < this.size; below = 2 * at + 1) {
      const right = below + 1;
      if (right < this.size && this.#isBefore(this.#ends[right], this.#orders[right], below)) {
        below = right;
      }
      if (
        !(this.#ends[below] < end || (this.#ends[below] === end && this.#orders[below] < order))
      ) {
        break;
      }
      this.#move(below, at);
      at = below;
    }
    this.#put(at, id, end, order);
  }

  #isBefore(end: number, order: number, other: number): boolean {
    const otherEnd = this.#ends[other];
    return end < otherEnd || (end === otherEnd && order < this.#orders[other]);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#ids[from], this.#ends[from], this.#orders[from]);
  }

  #put(at: number, id: number, end: number, order: number): void {
    this.#ids[at] = id;
    this.#ends[at] = end;
    this.#orders[at] = order;
  }

  #grow(): void {
    const ids = new Int32Array(2 * this.size);
    const ends = new Float64Array(2 * this.size);
    const orders = new Float64Array(2 * this.size);
    ids.set(this.#ids);
    ends.set(this.#ends);
    orders.set(this.#orders);
    this.#ids = ids;
    this.#ends = ends;
    this.#orders = orders;
  }
}
