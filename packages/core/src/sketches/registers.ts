import type { Scalar } from '../contract/cells.ts'
import { cardinality } from './cardinality.ts'
import { type Hash, hashScalar } from './hash.ts'

/** The form of a sketch, in byte 0: see SketchValues. Byte 1 is the precision. */
const SPARSE = 1
const DENSE = 2
const HEADER = 2
/** Of a register in the sparse form: its index, the higher byte first, and its rank. */
const ENTRY = 3

const hash: Hash = { high: 0, low: 0 }

/** The registers of a HyperLogLog: of each, the longest run of zeros that it has seen in hashes, plus one. */
export class Registers {
  readonly precision: number
  /** By index, while few are not 0; then all. */
  ranks: Map<number, number> | Uint8Array = new Map()

  constructor(precision: number) {
    this.precision = precision
  }

  /** Those of a cell's value. */
  static of(bytes: Uint8Array): Registers {
    const registers = new Registers(bytes[1]!)
    registers.merge(bytes)
    return registers
  }

  /** Sees a value: the hash's highest bits choose the register, and the zeros after them are counted. */
  add(scalar: Scalar): this {
    const { high, low } = hashScalar(scalar, hash)
    const { precision } = this
    const rest = (high << precision) >>> 0
    const zeros = rest !== 0 ? Math.clz32(rest) : 32 - precision + Math.clz32(low)
    this.#raise(high >>> (32 - precision), zeros + 1)
    return this
  }

  /** Takes the greater rank of each register. */
  merge(other: Registers | Uint8Array): this {
    if (other instanceof Uint8Array) {
      if (other[0] === DENSE) this.#mergeDense(other.subarray(HEADER))
      else for (const [index, rank] of entriesIn(other)) this.#raise(index, rank)
    } else if (other.ranks instanceof Uint8Array) this.#mergeDense(other.ranks)
    else for (const [index, rank] of other.ranks) this.#raise(index, rank)
    return this
  }

  /** As a cell's value: equal registers have equal bytes. */
  get bytes(): Uint8Array {
    const ranks = this.ranks
    const bytes = new Uint8Array(this.length)
    bytes[0] = ranks instanceof Uint8Array ? DENSE : SPARSE
    bytes[1] = this.precision
    if (ranks instanceof Uint8Array) {
      bytes.set(ranks, HEADER)
      return bytes
    }
    let at = HEADER
    for (const index of [...ranks.keys()].sort((a, b) => a - b)) {
      bytes[at++] = index >> 8
      bytes[at++] = index
      bytes[at++] = ranks.get(index)!
    }
    return bytes
  }

  /** How many bytes it has as a cell's value. */
  get length(): number {
    const ranks = this.ranks
    return HEADER + (ranks instanceof Uint8Array ? ranks.length : ranks.size * ENTRY)
  }

  /** The estimate, as a whole number. */
  get count(): number {
    const ranks = this.ranks
    const counts = new Array<number>(64 - this.precision + 2).fill(0)
    for (const rank of ranks.values()) counts[rank]!++
    if (!(ranks instanceof Uint8Array)) counts[0]! += 2 ** this.precision - ranks.size
    return Math.round(cardinality(counts, this.precision))
  }

  #raise(index: number, rank: number): void {
    const ranks = this.ranks
    if (ranks instanceof Uint8Array) {
      if (ranks[index]! < rank) ranks[index] = rank
      return
    }
    if ((ranks.get(index) ?? 0) >= rank) return
    ranks.set(index, rank)
    if (ranks.size * ENTRY > 2 ** this.precision) this.#dense()
  }

  #mergeDense(others: Uint8Array): void {
    const ranks = this.#dense()
    for (let index = 0; index < others.length; index++)
      if (others[index]! > ranks[index]!) ranks[index] = others[index]!
  }

  /** All registers: from here on the shorter form. */
  #dense(): Uint8Array {
    const few = this.ranks
    if (few instanceof Uint8Array) return few
    const all = new Uint8Array(2 ** this.precision)
    for (const [index, rank] of few) all[index] = rank
    this.ranks = all
    return all
  }
}

/** Whether these bytes are registers as `bytes` writes them, of this precision, some of them not 0. */
export function areRegisters(bytes: Uint8Array, precision: number): boolean {
  if (bytes[1] !== precision || bytes.length <= HEADER) return false
  const most = 64 - precision + 1
  if (bytes[0] === DENSE) {
    const ranks = bytes.subarray(HEADER)
    const used = ranks.reduce((sum, rank) => sum + (rank === 0 ? 0 : 1), 0)
    return ranks.length === 2 ** precision && used * ENTRY > ranks.length && ranks.every((rank) => rank <= most)
  }
  if (bytes[0] !== SPARSE || (bytes.length - HEADER) % ENTRY !== 0) return false
  if (bytes.length - HEADER > 2 ** precision) return false
  let last = -1
  for (const [index, rank] of entriesIn(bytes)) {
    if (index <= last || index >= 2 ** precision || rank === 0 || rank > most) return false
    last = index
  }
  return true
}

function* entriesIn(sparse: Uint8Array): Generator<readonly [index: number, rank: number]> {
  for (let at = HEADER; at < sparse.length; at += ENTRY) yield [(sparse[at]! << 8) | sparse[at + 1]!, sparse[at + 2]!]
}
