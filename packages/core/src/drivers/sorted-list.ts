/** Compares an item with a place: negative before it, positive after it, 0 at it. */
export type Place<T> = (item: T) => number

/** Large enough to have few chunks, small enough to move one quickly. */
const LONGEST_CHUNK = 512

/** Items in order, in chunks, so that an insertion at the front moves few of them. */
export class SortedList<T> {
  /** None is empty. */
  readonly #chunks: T[][] = []

  get last(): T | undefined {
    return this.#chunks.at(-1)?.at(-1)
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  find(place: Place<T>): T | undefined {
    // Most of what is looked for is new.
    const last = this.last
    const compared = last === undefined ? -1 : place(last)
    if (compared <= 0) return compared === 0 ? last : undefined
    const item = this.#at(this.#seek(place))
    return item !== undefined && place(item) === 0 ? item : undefined
  }

  /** Inserts an item; there must be none at its place. */
  insert(place: Place<T>, item: T): void {
    const end = this.#chunks.length - 1
    const items = this.#chunks[end]
    if (items === undefined) this.#chunks.push([item])
    // Most items arrive in order.
    else if (place(items[items.length - 1]!) < 0) this.#insertAt(end, items.length, item)
    else {
      const { chunk, index } = this.#seek(place)
      this.#insertAt(chunk, index, item)
    }
  }

  /** The items from the first place on and before the second, in order, as a list. */
  slice(from: Place<T>, to: Place<T>): T[] {
    const start = this.#seek(from)
    const end = this.#seek(to)
    if (start.chunk === end.chunk) return this.#chunks[start.chunk]?.slice(start.index, end.index) ?? []
    const items = this.#chunks[start.chunk]?.slice(start.index) ?? []
    for (let chunk = start.chunk + 1; chunk <= end.chunk; chunk++) {
      const stop = chunk === end.chunk ? end.index : LONGEST_CHUNK
      for (const item of this.#chunks[chunk]?.slice(0, stop) ?? []) items.push(item)
    }
    return items
  }

  /** The same, one by one. */
  *ascending(from: Place<T>, to: Place<T>): Generator<T> {
    const end = this.#seek(to)
    for (let { chunk, index } = this.#seek(from); chunk <= end.chunk; chunk++, index = 0) {
      const items = this.#chunks[chunk] ?? []
      const stop = chunk === end.chunk ? end.index : items.length
      for (; index < stop; index++) yield items[index]!
    }
  }

  /** From the last to the first. */
  *descending(from: Place<T>, to: Place<T>): Generator<T> {
    const start = this.#seek(from)
    let { chunk, index } = this.#seek(to)
    for (; chunk >= start.chunk; index = this.#chunks[--chunk]?.length ?? 0) {
      const stop = chunk === start.chunk ? start.index : 0
      while (index > stop) yield this.#chunks[chunk]![--index]!
    }
  }

  /** The first item that is not before the place. */
  firstFrom(place: Place<T>): T | undefined {
    return this.#at(this.#seek(place))
  }

  /** The last item before the place. */
  lastBefore(place: Place<T>): T | undefined {
    const { chunk, index } = this.#seek(place)
    return index > 0 ? this.#chunks[chunk]?.[index - 1] : this.#chunks[chunk - 1]?.at(-1)
  }

  count(from: Place<T>, to: Place<T>): number {
    const start = this.#seek(from)
    const end = this.#seek(to)
    if (end.chunk < start.chunk) return 0
    let items = end.index - start.index
    for (let chunk = start.chunk; chunk < end.chunk; chunk++) items += this.#chunks[chunk]!.length
    return Math.max(0, items)
  }

  /** Removes the items from the first place on and before the second; returns how many. */
  remove(from: Place<T>, to: Place<T>): number {
    const removed = this.count(from, to)
    if (removed === 0) return 0
    const start = this.#seek(from)
    const end = this.#seek(to)
    const kept = [
      ...(this.#chunks[start.chunk]?.slice(0, start.index) ?? []),
      ...(this.#chunks[end.chunk]?.slice(end.index) ?? []),
    ]
    this.#chunks.splice(start.chunk, end.chunk - start.chunk + 1, ...(kept.length === 0 ? [] : [kept]))
    return removed
  }

  #insertAt(chunk: number, index: number, item: T): void {
    const items = this.#chunks[chunk]!
    if (index === items.length) items.push(item)
    else items.splice(index, 0, item)
    if (items.length > LONGEST_CHUNK) this.#chunks.splice(chunk + 1, 0, items.splice(LONGEST_CHUNK / 2))
  }

  #at({ chunk, index }: { chunk: number; index: number }): T | undefined {
    return this.#chunks[chunk]?.[index]
  }

  /** The first item that is not before the place; behind the last chunk if there is none. */
  #seek(place: Place<T>): { chunk: number; index: number } {
    const chunk = firstIndex(this.#chunks, (items) => place(items.at(-1)!) >= 0)
    const items = this.#chunks[chunk]
    return { chunk, index: items === undefined ? 0 : firstIndex(items, (item) => place(item) >= 0) }
  }
}

/** The first index for which the test is true, given that it is true for all that follow. */
function firstIndex<T>(list: readonly T[], isTrue: (item: T) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isTrue(list[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}
