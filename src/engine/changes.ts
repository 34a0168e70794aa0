/** Which ids have changed since they were last asked for, in the order in which they first did. */
const FIRST_ROOM = 16;

export class Changes {
  /** How many they are. */
  size = 0;
  /** -1: taken out again. */
  #ids: number[] = [];
  /** By id: its place in the list + 1; 0: it has not changed. */
  #places = new Int32Array(FIRST_ROOM);

  has(id: number): boolean {
    return id < this.#places.length && this.#places[id] !== 0;
  }

  add(id: number): void {
    if (id >= this.#places.length) {
      const places = new Int32Array(Math.max(2 * this.#places.length, id + 1));
      places.set(this.#places);
      this.#places = places;
    }
    if (this.#places[id] !== 0) return;
    this.#places[id] = this.#ids.push(id);
    this.size++;
  }

  remove(id: number): void {
    if (!this.has(id)) return;
    this.#ids[this.#places[id] - 1] = -1;
    this.#places[id] = 0;
    this.size--;
  }

  /** All of them; from now on none has changed. */
  take(): readonly number[] {
    const ids = this.#ids.filter((id) => id !== -1);
    for (const id of ids) this.#places[id] = 0;
    this.#ids = [];
    this.size = 0;
    return ids;
  }
}
