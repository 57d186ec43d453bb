import type { Scalar } from '../contract/cells.ts'
import { hashScalar } from './hash.ts'
import { bytesOf, DENSE, ENTRY, HEADER, indexAt, lengthOf, SPARSE } from './register-bytes.ts'

/** While less than one of so many registers is used, those are listed: a list is shorter, and all of them are found at once. */
const LISTED = 64

/** The registers of a HyperLogLog while they grow: of each, the longest run of zeros that it has seen in hashes, plus one. */
export class Registers {
  readonly precision: number
  /** `index << 8 | rank` of each that is not 0, ascending. */
  #list: number[] = []
  /** Or the ranks of all. */
  #all: Uint8Array | null = null
  #used = 0

  constructor(precision: number) {
    this.precision = precision
  }

  /** Those of a cell's value. */
  static of(bytes: Uint8Array): Registers {
    return new Registers(bytes[1]!).merge(bytes)
  }

  /** Sees a value: the hash's highest bits choose the register, and the zeros after them are counted. */
  add(scalar: Scalar): this {
    const { high, low } = hashScalar(scalar)
    const { precision } = this
    const rest = (high << precision) >>> 0
    const zeros = rest !== 0 ? Math.clz32(rest) : 32 - precision + Math.clz32(low)
    this.#raise(high >>> (32 - precision), zeros + 1)
    return this
  }

  /** Takes the greater rank of each register; `bytes` are a cell's value. */
  merge(bytes: Uint8Array): this {
    if (bytes[0] === DENSE) this.#mergeAll(bytes)
    else for (let at = HEADER; at < bytes.length; at += ENTRY) this.#raise(indexAt(bytes, at), bytes[at + 2]!)
    return this
  }

  /** As a cell's value: equal registers have equal bytes. */
  get bytes(): Uint8Array {
    if (this.#all !== null) return bytesOf(this.#all, this.#used, this.precision)
    const bytes = new Uint8Array(this.length)
    bytes.set([SPARSE, this.precision])
    let at = HEADER
    for (const entry of this.#list) {
      bytes[at++] = entry >> 16
      bytes[at++] = entry >> 8
      bytes[at++] = entry
    }
    return bytes
  }

  /** How many bytes it has as a cell's value. */
  get length(): number {
    return lengthOf(this.#used, this.precision)
  }

  #raise(index: number, rank: number): void {
    const all = this.#all
    if (all === null) {
      this.#raiseInList((index << 8) | rank)
      return
    }
    const before = all[index]!
    if (before >= rank) return
    if (before === 0) this.#used++
    all[index] = rank
  }

  #raiseInList(entry: number): void {
    const list = this.#list
    let at = list.length
    for (let low = 0; low < at; ) {
      const middle = (low + at) >> 1
      if (list[middle]! >> 8 < entry >> 8) low = middle + 1
      else at = middle
    }
    if (at < list.length && list[at]! >> 8 === entry >> 8) {
      if (list[at]! < entry) list[at] = entry
      return
    }
    list.push(entry)
    for (let moved = list.length - 1; moved > at; moved--) list[moved] = list[moved - 1]!
    list[at] = entry
    this.#used++
    if (this.#used * LISTED > 1 << this.precision) this.#allRanks()
  }

  #mergeAll(bytes: Uint8Array): void {
    const all = this.#allRanks()
    for (let index = 0; index < all.length; index++) {
      const rank = bytes[index + HEADER]!
      const before = all[index]!
      if (rank <= before) continue
      if (before === 0) this.#used++
      all[index] = rank
    }
  }

  #allRanks(): Uint8Array {
    if (this.#all !== null) return this.#all
    const all = new Uint8Array(1 << this.precision)
    for (const entry of this.#list) all[entry >> 8] = entry
    this.#list = []
    this.#all = all
    return all
  }
}
