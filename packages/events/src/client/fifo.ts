/** A list that is filled at its end and emptied at its front, each in a time that does not grow with its length. */
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

  /** Takes so many from the front, or all there are. */
  take(count: number): Item[] {
    const untilTaken = this.#items.slice(this.#start, this.#start + count)
    this.#start += untilTaken.length
    // Once more are gone than are left, so that each is moved about once.
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
