/** A list with constant-time appending at its end and taking from its front. */
export class Fifo<Item> implements Iterable<Item> {
  #items: Item[]
  #start = 0

  constructor(items: readonly Item[] = []) {
    this.#items = [...items]
  }

  get length(): number {
    return this.#items.length - this.#start
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** Takes `count` items from the front, or all if there are fewer. */
  take(count: number): Item[] {
    const untilTaken = this.#items.slice(this.#start, this.#start + count)
    this.#start += untilTaken.length
    // Only once more items are gone than left, so that each is moved about once.
    if (this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
    return untilTaken
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let at = this.#start; at < this.#items.length; at++) yield this.#items[at]!
  }
}
