import { randomBytes } from 'node:crypto'
import { type CellWrite, UUID_EPOCH } from '@kairos/core/driver'

/**
 * Makes the `at` of series values: UUIDs of version 1, which Cassandra orders by their time. Each is at least a tick later than the one before, even
 * if the clock is set back, so that values stay in order of arrival. A value that is written again keeps its `at`.
 */
export class ArrivalUuids {
  /** Clock sequence and node, random for this process, with the multicast bit set, as RFC 9562 requires of a node that is not a network card. */
  readonly #node = randomBytes(8)
  readonly #kept = new WeakMap<CellWrite, readonly Buffer[]>()
  #last = 0n

  constructor() {
    this.#node[0] = (this.#node[0]! & 0x3f) | 0x80
    this.#node[2] = this.#node[2]! | 0x01
  }

  /** One UUID for each value, ascending; `timestamp` in microseconds. */
  of(cell: CellWrite, count: number, timestamp: number): readonly Buffer[] {
    const kept = this.#kept.get(cell)
    if (kept !== undefined) return kept
    const first = BigInt(timestamp) * 10n + UUID_EPOCH
    let tick = first > this.#last ? first : this.#last + 1n
    const made: Buffer[] = []
    for (let index = 0; index < count; index++) made.push(this.#make(tick++))
    this.#last = tick - 1n
    return made
  }

  /** Remembers the UUIDs of a cell's values for when this cell is written again. */
  keep(cell: CellWrite, arrivals: readonly Buffer[]): void {
    this.#kept.set(cell, arrivals)
  }

  #make(tick: bigint): Buffer {
    const bytes = Buffer.allocUnsafe(16)
    bytes.writeUInt32BE(Number(tick & 0xffff_ffffn), 0)
    bytes.writeUInt16BE(Number((tick >> 32n) & 0xffffn), 4)
    bytes.writeUInt16BE(Number((tick >> 48n) & 0x0fffn) | 0x1000, 6)
    this.#node.copy(bytes, 8)
    return bytes
  }
}

/** The time of an `at` as the client returns it, in ticks of 100 ns: orders values from several partitions. */
export function tickOf(at: unknown): bigint {
  const [low = '', middle = '', high = ''] = String(at).split('-')
  return BigInt(`0x${high.slice(1)}${middle}${low}`)
}
