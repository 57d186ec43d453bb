import type { Scalar } from '../contract/cells.ts'
import { sortIntegers } from '../internal/sort-integers.ts'
import { hashScalar } from './hash.ts'
import { bytesOf, DENSE, ENTRY, HEADER, indexAt, lengthOf, SPARSE } from './register-bytes.ts'

/** Registers are listed while at most one in this many is not 0: a list is shorter, and all of them are found at once. */
const LISTED = 64

/** A value as registers see it, `index << 8 | rank`: the hash's highest bits choose the register, and the zeros after them are counted. */
export function entryOf(scalar: Scalar, precision: number): number {
  const { high, low } = hashScalar(scalar)
  const rest = (high << precision) >>> 0
  const zeros = rest !== 0 ? Math.clz32(rest) : 32 - precision + Math.clz32(low)
  return ((high >>> (32 - precision)) << 8) | (zeros + 1)
}

/** The registers of a HyperLogLog while they grow: of each, the longest run of zeros that it has seen in hashes, plus one. */
export class Registers {
  readonly precision: number
  /** Entries as they came: most cells get few at a time. */
  #list: number[] = []
  /** Or the ranks of all. */
  #all: Uint8Array | null = null
  /** How many of all are not 0. */
  #used = 0

  constructor(precision: number) {
    this.precision = precision
  }

  /** Those of a cell's value. */
  static of(bytes: Uint8Array): Registers {
    return new Registers(bytes[1]!).merge(bytes)
  }

  /** Sees what `entryOf` makes of a value. */
  add(entry: number): this {
    if (this.#all !== null) {
      this.#raise(this.#all, entry >> 8, entry & 255)
      return this
    }
    const list = this.#list
    list.push(entry)
    if (list.length * LISTED <= 1 << this.precision) return this
    this.#sortList()
    // Else most came several times.
    if (list.length * LISTED * 2 > 1 << this.precision) this.#allRanks()
    return this
  }

  /** Takes the greater rank of each register; `bytes` are a cell's value. */
  merge(bytes: Uint8Array): this {
    if (bytes[0] === DENSE) this.#mergeAll(bytes)
    else for (let at = HEADER; at < bytes.length; at += ENTRY) this.add((indexAt(bytes, at) << 8) | bytes[at + 2]!)
    return this
  }

  /** As a cell's value: equal registers have equal bytes. */
  get bytes(): Uint8Array {
    if (this.#all !== null) return bytesOf(this.#all, this.#used, this.precision)
    const list = this.#sortList()
    const bytes = new Uint8Array(lengthOf(list.length, this.precision))
    bytes[0] = SPARSE
    bytes[1] = this.precision
    let at = HEADER
    for (let index = 0; index < list.length; index++) {
      const entry = list[index]!
      bytes[at++] = entry >> 16
      bytes[at++] = entry >> 8
      bytes[at++] = entry
    }
    return bytes
  }

  /** At most how many bytes it has as a cell's value. */
  get mostLength(): number {
    return lengthOf(this.#all === null ? this.#list.length : this.#used, this.precision)
  }

  #raise(all: Uint8Array, index: number, rank: number): void {
    const before = all[index]!
    if (before >= rank) return
    if (before === 0) this.#used++
    all[index] = rank
  }

  /** The list, ascending, with the greatest rank of each register. */
  #sortList(): number[] {
    const list = this.#list
    sortIntegers(list)
    let kept = 0
    for (let index = 0; index < list.length; index++) {
      const entry = list[index]!
      // Of one register, the last has the greatest rank.
      if (index + 1 < list.length && list[index + 1]! >> 8 === entry >> 8) continue
      list[kept++] = entry
    }
    list.length = kept
    return list
  }

  #mergeAll(bytes: Uint8Array): void {
    const all = this.#allRanks()
    for (let index = 0; index < all.length; index++) this.#raise(all, index, bytes[index + HEADER]!)
  }

  #allRanks(): Uint8Array {
    if (this.#all !== null) return this.#all
    const all = new Uint8Array(1 << this.precision)
    for (const entry of this.#list) this.#raise(all, entry >> 8, entry & 255)
    this.#list = []
    this.#all = all
    return all
  }
}
