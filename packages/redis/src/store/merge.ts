import type { BucketGroups, MergedCell, MergeQuery, StoredCell } from '@kairos/core/driver'
import { readSizes } from '../scripts/read.ts'
import { addPacked } from '../values/packed-chunk.ts'
import type { StoreContext } from './context.ts'
import { loadChunks } from './load-chunks.ts'
import { type EachNumber, type EachPacked, readCells, readNumbers } from './read.ts'

/**
 * Merges cells without making each of them: counts are added as their chunks are unpacked, and the sets of which only the size is wanted stay where they
 * are. Null: a sum could have rounded.
 * @throws StoreFailure
 */
export function mergeCells(context: StoreContext, query: MergeQuery): Promise<readonly MergedCell[] | null> {
  return context.type === 'set' ? sizesOf(context, query) : sumsOf(context, query)
}

/** Sums by name, group and resolution bucket. */
async function sumsOf(context: StoreContext, query: MergeQuery): Promise<readonly MergedCell[] | null> {
  const { split, groups, resolution } = query
  const groupOf = finderOf(groups)
  const sums = new Map<string, Map<number, Sums>>()
  let exact = true
  // Chunks come name by name, and their numbers in order, so what was found last is mostly wanted again.
  let own = new Map<number, Sums>()
  let ownName: string | undefined
  let last: Sums | undefined
  let lastKey = Number.NaN
  const add: EachNumber = (name, bucket, resolutionBucket, number) => {
    if (name !== ownName) {
      ownName = name
      own = at(sums, split ? name : '', () => new Map<number, Sums>())
      lastKey = Number.NaN
    }
    const group = groupOf(bucket)
    const [key, index] = resolution ? [group, resolutionBucket] : [0, group]
    if (key !== lastKey) {
      last = at(own, key, () => new Sums(layout.buckets))
      lastKey = key
    }
    if (!last!.add(index, number)) exact = false
  }
  const { layout } = context.intervals.get(query.interval)!
  const { first, last: end } = query.range
  // Chunk by chunk, if a chunk of buckets is a block of sums.
  const addChunk: EachPacked | undefined =
    'size' in groups && groups.size === 1 && !resolution
      ? (name, base, bytes) =>
          at(
            at(sums, split ? name : '', () => new Map<number, Sums>()),
            0,
            () => new Sums(layout.buckets),
          ).addChunk(base, bytes, Math.max(first - base, 0), Math.min(end - base, layout.buckets - 1))
      : undefined
  await readNumbers(context, query, add, addChunk)
  if (!exact) return null
  const merged: MergedCell[] = []
  for (const [name, groupsOfName] of sums) {
    for (const [key, found] of groupsOfName) {
      found.each((index, value) => {
        const [bucket, resolutionBucket] = resolution ? [key, index] : [index, 0]
        merged.push({ name, bucket, resolutionBucket, value })
      })
    }
  }
  return merged
}

interface Block {
  readonly sums: Float64Array
  /** Not 0 where there is a sum. */
  readonly seen: Uint8Array
}

/** Sums of whole numbers by an integer, in blocks. */
class Sums {
  readonly #size: number
  readonly #blocks = new Map<number, Block>()
  /** Whether a sum may be so large that adding a chunk could round it. */
  #large = false
  #block: Block | undefined
  #ordinal = Number.NaN

  /** `size`: of a block, the buckets of a chunk. */
  constructor(size: number) {
    this.#size = size
  }

  /** False if the sum may have been rounded. */
  add(index: number, number: number): boolean {
    const ordinal = Math.floor(index / this.#size)
    if (ordinal !== this.#ordinal) {
      this.#block = this.#blockOf(ordinal)
      this.#ordinal = ordinal
    }
    const { sums, seen } = this.#block!
    const place = index - ordinal * this.#size
    const sum = sums[place]! + number
    sums[place] = sum
    seen[place] = 1
    if (Math.abs(sum) > 2 ** 52) this.#large = true
    return Number.isSafeInteger(sum) && Number.isSafeInteger(number)
  }

  /** Adds a packed chunk that fills a block; false if it holds doubles. Sums of 2^21 numbers of 32 bits are exact. */
  addChunk(base: number, bytes: Buffer, from: number, to: number): boolean {
    if (this.#large) return false
    const { sums, seen } = this.#blockOf(base / this.#size)
    return addPacked(bytes, from, to, sums, seen)
  }

  /** Calls `call` with each index that has a sum; ascending, if they were added so. */
  each(call: (index: number, sum: number) => void): void {
    for (const [ordinal, { sums, seen }] of this.#blocks) {
      const first = ordinal * this.#size
      for (let place = 0; place < this.#size; place++) if (seen[place] !== 0) call(first + place, sums[place]!)
    }
  }

  #blockOf(ordinal: number): Block {
    return at(this.#blocks, ordinal, () => ({ sums: new Float64Array(this.#size), seen: new Uint8Array(this.#size) }))
  }
}

/** How many values sets have together. A set that is merged with no other is not read. */
async function sizesOf(context: StoreContext, query: MergeQuery): Promise<readonly MergedCell[]> {
  const { names, range, split, groups } = query
  const interval = context.intervals.get(query.interval)!
  const groupOf = finderOf(groups)
  if (!interval.layout.hasResolution) {
    const merged = new Map<string, MergedCell>()
    let alone = true
    await loadChunks(context, interval, names, range, readSizes, ({ name, chunk, content }) => {
      const cell = { name: split ? name : '', bucket: groupOf(Number(chunk)), resolutionBucket: 0 }
      const key = `${cell.bucket} ${cell.name}`
      if (merged.has(key)) alone = false
      const value = Number(String(content))
      if (value > 0) merged.set(key, { ...cell, value })
    })
    if (alone) return [...merged.values()]
  }
  const united = new Map<string, Omit<MergedCell, 'value'> & { readonly values: Set<unknown> }>()
  for (const { name, bucket, resolutionBucket, value } of (await readCells(context, query)) as StoredCell<'set'>[]) {
    const cell = {
      name: split ? name : '',
      bucket: groupOf(bucket),
      resolutionBucket: query.resolution ? resolutionBucket : 0,
    }
    const { values } = at(united, `${cell.bucket} ${cell.resolutionBucket} ${cell.name}`, () => ({
      ...cell,
      values: new Set(),
    }))
    for (const scalar of value)
      values.add(scalar instanceof Uint8Array ? Buffer.from(scalar).toString('latin1') : scalar)
  }
  return Array.from(united.values(), ({ values, ...cell }) => ({ ...cell, value: values.size }))
}

/** Finds the first bucket of a bucket's group. */
function finderOf(groups: BucketGroups): (bucket: number) => number {
  if ('size' in groups) {
    const { size, from } = groups
    return size === 1 ? (bucket) => bucket : (bucket) => from + Math.floor((bucket - from) / size) * size
  }
  const { starts } = groups
  let index = 0
  return (bucket) => {
    if (bucket < starts[index]! || (index + 1 < starts.length && bucket >= starts[index + 1]!)) {
      let [low, high] = [0, starts.length]
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if (starts[middle]! <= bucket) low = middle
        else high = middle
      }
      index = low
    }
    return starts[index]!
  }
}

function at<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
