import type { SummaryValue } from '@kairos/core/driver'
import { bigint } from '../values/cql-bytes.ts'
import { type DeltaKind, type Joined, pieceKind } from './delta-kind.ts'
import type { Piece } from './deltas.ts'

/** A change of one value: that and its time, two doubles. */
const ONE = 16
/** Six doubles: count, sum, min, max, last, lastAt. */
const SIX = 48
/** What `b` holds: with the timestamp of the delta that `last` came with, in microseconds. */
const BASE = 56

/** The last value of those at one moment is that which was written last, so `b` remembers when that was. */
class Total {
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  last = 0
  lastAt = Number.NEGATIVE_INFINITY
  arrival = 0

  /** Returns whether it is sound. */
  add({ timestamp, change }: Piece): boolean {
    const { length } = change
    const number = (index: number): number => change.readDoubleBE(index * 8)
    if (length === ONE) {
      const [value, at] = [number(0), number(1)]
      this.#add(1, value, value, value)
      this.#follow(value, at, timestamp)
    } else if (length === SIX || length === BASE) {
      this.#add(number(0), number(1), number(2), number(3))
      this.#follow(number(4), number(5), length === SIX ? timestamp : Number(change.readBigUInt64BE(SIX)))
    } else return false
    return [this.count, this.sum, this.min, this.max, this.last, this.lastAt].every(Number.isFinite)
  }

  #add(count: number, sum: number, min: number, max: number): void {
    this.count += count
    this.sum += sum
    this.min = Math.min(this.min, min)
    this.max = Math.max(this.max, max)
  }

  #follow(last: number, lastAt: number, arrival: number): void {
    if (lastAt < this.lastAt || (lastAt === this.lastAt && arrival < this.arrival)) return
    this.last = last
    this.lastAt = lastAt
    this.arrival = arrival
  }
}

export const summaryDeltas: DeltaKind = pieceKind({
  encode(change) {
    const value = change as SummaryValue
    return doubles(isOne(value) ? [value.last, value.lastAt] : numbersOf(value))
  },
  join(pieces): Joined | undefined {
    const total = new Total()
    if (pieces.length === 0 || !pieces.every((piece) => total.add(piece))) return undefined
    const { arrival, ...value } = total
    return { value, base: () => Buffer.concat([doubles(numbersOf(value)), bigint(arrival)]) }
  },
})

function isOne({ count, sum, min, max, last }: SummaryValue): boolean {
  return count === 1 && sum === last && min === last && max === last
}

function numbersOf({ count, sum, min, max, last, lastAt }: SummaryValue): number[] {
  return [count, sum, min, max, last, lastAt]
}

function doubles(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 8)
  for (const [index, number] of numbers.entries()) bytes.writeDoubleBE(number, index * 8)
  return bytes
}
