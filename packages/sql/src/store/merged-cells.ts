import type { CellValue, MergedCell, Scalar, SeriesStats } from '@kairos/core/driver'
import type { Row } from '../kysely/query.ts'
import { toNumber } from '../values/value-columns.ts'
import type { MergeKind } from './merge-select.ts'

type Place = Omit<MergedCell, 'value'>

interface Sum {
  total: number
  /** What tells whether it was rounded: see `Dialect.exactSum`. */
  size: number
}

interface Merging extends Sum {
  readonly place: Place
  times: number
  least: Scalar | undefined
  most: Scalar | undefined
  last: number
  lastAt: number
  /** By what is the same for equal values. */
  readonly values: Map<unknown, Sum & { readonly value: Scalar }>
}

/** The cells of a merge, from the rows of its statements. */
export class MergedCells {
  readonly #kind: MergeKind
  readonly #decode: (stored: unknown) => Scalar
  readonly #cells = new Map<string, Merging>()
  #isExact = true

  constructor(kind: MergeKind, decode: (stored: unknown) => Scalar) {
    this.#kind = kind
    this.#decode = decode
  }

  add(place: Place, row: Row): void {
    const key = `${place.bucket} ${place.resolutionBucket} ${place.name}`
    const cell = this.#cells.get(key) ?? newCell(place)
    this.#cells.set(key, cell)
    if (row.times !== undefined) cell.times += toNumber(row.times)
    if (this.#kind === 'sums' || this.#kind === 'values') {
      const value = this.#decode(row.val)
      const own = cell.values.get(keyOf(value)) ?? { value, total: 0, size: 0 }
      cell.values.set(keyOf(value), own)
      if (this.#kind === 'sums') this.#sum(own, row)
      return
    }
    if (row.total !== undefined) this.#sum(cell, row)
    if (this.#kind !== 'stats' && this.#kind !== 'summary') return
    const [least, most] = [this.#decode(row.min_value), this.#decode(row.max_value)]
    if (cell.least === undefined || least < cell.least) cell.least = least
    if (cell.most === undefined || most > cell.most) cell.most = most
    if (this.#kind === 'summary') this.#last(cell, row)
  }

  #last(cell: Merging, row: Row): void {
    const [least, greatest, lastAt] = [toNumber(row.least_last), toNumber(row.greatest_last), toNumber(row.latest_at)]
    // Of several at one moment, core takes that of the last name.
    if (least !== greatest || (lastAt === cell.lastAt && least !== cell.last)) this.#isExact = false
    // Counts are whole, and no sum of them is rounded below this.
    if (!(cell.times < 2 ** 53)) this.#isExact = false
    if (lastAt < cell.lastAt) return
    cell.last = least
    cell.lastAt = lastAt
  }

  #sum(sum: Sum, row: Row): void {
    sum.total += toNumber(row.total)
    sum.size += toNumber(row.size)
    // Not a number where a sum has overflowed.
    if (!(sum.size < 2 ** 53)) this.#isExact = false
  }

  /** Null: a sum may have been rounded. */
  result(counted: boolean): MergedCell[] | null {
    if (!this.#isExact) return null
    return Array.from(this.#cells.values(), (cell) => ({
      ...cell.place,
      value: counted && this.#kind === 'values' ? cell.values.size : this.#value(cell),
    }))
  }

  #value({ total, times, least, most, last, lastAt, values }: Merging): CellValue | SeriesStats {
    switch (this.#kind) {
      case 'sum':
        return total
      case 'sums':
        return new Map(Array.from(values.values(), (own) => [own.value, own.total]))
      case 'values':
        return new Set(Array.from(values.values(), ({ value }) => value))
      case 'stats':
        return { count: times, sum: total, min: least!, max: most! }
      case 'summary':
        return { count: times, sum: total, min: least as number, max: most as number, last, lastAt }
      default:
        return times
    }
  }
}

function newCell(place: Place): Merging {
  return {
    place,
    times: 0,
    total: 0,
    size: 0,
    least: undefined,
    most: undefined,
    last: 0,
    lastAt: Number.NEGATIVE_INFINITY,
    values: new Map(),
  }
}

function keyOf(value: Scalar): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
}
