/** A heap of numbers, the least on top, each with a value of its own. */
export class NumberHeap<T> {
  readonly #keys: number[] = [];
  readonly #values: T[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** The least key; undefined if there is none. */
  get least(): number | undefined {
    return this.#keys[0];
  }

  push(key: number, value: T): void {
    let hole = this.#keys.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#keys[parent] <= key) break;
      this.#put(hole, this.#keys[parent], this.#values[parent]);
      hole = parent;
    }
    this.#put(hole, key, value);
  }

  /** Takes the value with the least key out; undefined if there is none. */
  pop(): T | undefined {
    const top = this.#values[0];
    const key = this.#keys.pop();
    const value = this.#values.pop();
    const size = this.#keys.length;
    if (size === 0 || key === undefined || value === undefined) return top;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#keys[child + 1] < this.#keys[child]) child++;
      if (this.#keys[child] >= key) break;
      this.#put(hole, this.#keys[child], this.#values[child]);
      hole = child;
    }
    this.#put(hole, key, value);
    return top;
  }

  #put(at: number, key: number, value: T): void {
    this.#keys[at] = key;
    this.#values[at] = value;
  }
}
