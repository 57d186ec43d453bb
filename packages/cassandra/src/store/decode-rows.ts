import { type CellValue, failedStore, type OriginalType, type Scalar, type StoredCell } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { sumOf } from '../folding/deltas.ts'
import { tickOf } from '../values/arrival-uuid.ts'
import type { ScalarCodec } from '../values/codecs.ts'
import { toNumber } from '../values/cql-bytes.ts'

/** Builds cells from the rows of one window, which come in the order of their cells. */
export class CellsOfRows {
  readonly cells: StoredCell[] = []
  /** Of a series: the `at` of each value, by cell; needed only if a window has parts. */
  readonly arrivals: unknown[][] = []
  readonly #type: OriginalType
  readonly #codec: ScalarCodec
  readonly #name: string
  #bucket = Number.NaN
  #resolutionBucket = Number.NaN

  constructor(type: OriginalType, codec: ScalarCodec, name: string) {
    this.#type = type
    this.#codec = codec
    this.#name = name
  }

  /** Adds the next row. */
  add(row: CassandraRow): void {
    const bucket = toNumber(row.i)
    const resolutionBucket = toNumber(row.r)
    const again = bucket === this.#bucket && resolutionBucket === this.#resolutionBucket
    const before = again ? this.cells.at(-1)!.value : undefined
    const value = extended[this.#type](before, row, this.#codec)
    if (this.#type === 'series') {
      if (again) this.arrivals.at(-1)!.push(row.at)
      else this.arrivals.push([row.at])
    }
    if (again && value === before) return
    const cell = { name: this.#name, bucket, resolutionBucket, value }
    if (again) this.cells[this.cells.length - 1] = cell
    else this.cells.push(cell)
    this.#bucket = bucket
    this.#resolutionBucket = resolutionBucket
  }
}

type Extend = (before: CellValue | undefined, row: CassandraRow, codec: ScalarCodec) => CellValue

/** A cell's value with one more row, by type; collections are extended in place. */
export const extended: Readonly<Record<OriginalType, Extend>> = {
  count: (before, row) => ((before as number | undefined) ?? 0) + soundSum(row),
  gauge: (_before, { value }, codec) => codec.decode(value),
  series(before, { value }, codec) {
    const values = (before as Scalar[] | undefined) ?? []
    values.push(codec.decode(value))
    return values
  },
  set: (before, { value }, codec) =>
    ((before as Set<Scalar> | undefined) ?? new Set<Scalar>()).add(codec.decode(value)),
  histogram(before, row, codec) {
    const counts = (before as Map<Scalar, number> | undefined) ?? new Map<Scalar, number>()
    const scalar = codec.decode(row.value)
    return counts.set(scalar, (counts.get(scalar) ?? 0) + soundSum(row))
  },
}

/** @throws StoreFailure if the row is damaged: whatever it held, no number is right */
function soundSum({ i, r, b, d }: CassandraRow): number {
  const sum = sumOf(b, d)
  if (Number.isFinite(sum)) return sum
  throw failedStore(`a row is damaged: the columns b and d of i = ${i}, r = ${r} do not hold finite numbers`, 'never')
}

/** Joins windows; values of a series cell that processes wrote at the same time into several parts are sorted by arrival. */
export function inOrderOfArrival(type: OriginalType, parts: readonly CellsOfRows[]): StoredCell[] {
  if (parts.length === 1) return parts[0]!.cells
  if (type !== 'series') return parts.flatMap(({ cells }) => cells)
  const values = new Map<string, { cell: StoredCell; values: { value: Scalar; at: unknown }[]; sorted: boolean }>()
  for (const { cells, arrivals } of parts) {
    for (const [index, cell] of cells.entries()) {
      const key = `${cell.bucket} ${cell.resolutionBucket}`
      const more = (cell.value as readonly Scalar[]).map((value, place) => ({ value, at: arrivals[index]![place] }))
      const known = values.get(key)
      if (known === undefined) values.set(key, { cell, values: more, sorted: true })
      else {
        for (const value of more) known.values.push(value)
        known.sorted = false
      }
    }
  }
  return [...values.values()].map(({ cell, values: unordered, sorted }) =>
    sorted ? cell : { ...cell, value: byArrival(unordered) },
  )
}

function byArrival(values: readonly { value: Scalar; at: unknown }[]): Scalar[] {
  const ticks = values.map(({ value, at }) => ({ value, tick: tickOf(at) }))
  ticks.sort((a, b) => (a.tick < b.tick ? -1 : a.tick > b.tick ? 1 : 0))
  return ticks.map(({ value }) => value)
}
