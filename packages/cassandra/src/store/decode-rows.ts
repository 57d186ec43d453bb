import { type CellValue, failedStore, type Scalar, type StoredCell, type TimeseriesType } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import type { Joined } from '../folding/delta-kind.ts'
import { type Piece, piecesOf, sumOf } from '../folding/deltas.ts'
import type { Layout } from '../schema/table.ts'
import { tickOf } from '../values/arrival-uuid.ts'
import type { ScalarCodec } from '../values/codecs.ts'
import { toNumber } from '../values/cql-bytes.ts'

/** What decoding needs of a layout. */
type Decoding = Pick<Layout, 'type' | 'codec' | 'deltas'>

/** Builds cells from the rows of one window, which come in the order of their cells. */
export class CellsOfRows {
  /** Of a series: the `at` of each value, by cell; needed only if a window has parts. */
  readonly arrivals: unknown[][] = []
  readonly #layout: Decoding
  readonly #name: string
  readonly #cells: StoredCell[] = []
  #bucket = Number.NaN
  #resolutionBucket = Number.NaN
  /** Of the cell whose rows are being added; undefined: none. */
  #state: CellState | undefined

  constructor(layout: Decoding, name: string) {
    this.#layout = layout
    this.#name = name
  }

  /** Adds the next row. */
  add(row: CassandraRow): void {
    const { type, codec } = this.#layout
    const bucket = toNumber(row.i)
    const resolutionBucket = toNumber(row.r)
    const again = bucket === this.#bucket && resolutionBucket === this.#resolutionBucket
    if (!again) this.#end()
    this.#state = extended[type](this.#state, row, codec)
    this.#bucket = bucket
    this.#resolutionBucket = resolutionBucket
    if (type !== 'series') return
    if (again) this.arrivals.at(-1)!.push(row.at)
    else this.arrivals.push([row.at])
  }

  /** Those of all rows so far; the next row begins another one. */
  get cells(): StoredCell[] {
    this.#end()
    return this.#cells
  }

  #end(): void {
    if (this.#state === undefined) return
    const [bucket, resolutionBucket] = [this.#bucket, this.#resolutionBucket]
    const value = settled(this.#layout, this.#state, { i: bucket, r: resolutionBucket })
    this.#cells.push({ name: this.#name, bucket, resolutionBucket, value })
    this.#state = undefined
  }
}

/** What the rows of a cell come to, or of a type that joins pieces, all of them. */
type CellState = CellValue | readonly Piece[]

type Extend = (before: CellState | undefined, row: CassandraRow, codec: ScalarCodec) => CellState

const pieces: Extend = (before, row) => {
  const found = piecesOf(row.b, row.d)
  if (found === undefined) throw damaged(row)
  const all = before as Piece[] | undefined
  all?.push(...found)
  return all ?? found
}

/** A cell's state with one more row, by type; collections are extended in place. */
const extended: Readonly<Record<TimeseriesType, Extend>> = {
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
  summary: pieces,
  distribution: pieces,
  unique: pieces,
}

/** What the rows of a cell come to. */
export function stateOf({ type, codec }: Decoding, rows: readonly CassandraRow[]): CellState {
  return rows.reduce<CellState | undefined>((before, row) => extended[type](before, row, codec), undefined)!
}

/**
 * The value of a cell whose rows are all there.
 * @throws StoreFailure if one is damaged
 */
export function settled(layout: Decoding, state: CellState, position: CassandraRow): CellValue {
  return layout.deltas?.join === undefined ? (state as CellValue) : joined(layout, state as Piece[], position).value
}

/** @throws StoreFailure if a row is damaged */
export function joined({ deltas }: Decoding, all: readonly Piece[], position: CassandraRow): Joined {
  const found = deltas!.join!(all)
  if (found === undefined) throw damaged(position)
  return found
}

/** @throws StoreFailure if the row is damaged: whatever it held, no number is right */
function soundSum(row: CassandraRow): number {
  const sum = sumOf(row.b, row.d)
  if (Number.isFinite(sum)) return sum
  throw damaged(row)
}

function damaged({ i, r }: CassandraRow): Error {
  return failedStore(
    `a row is damaged: the columns b and d of i = ${i}, r = ${r} do not hold what a write stores`,
    'never',
  )
}

/** Joins windows; values of a series cell that processes wrote at the same time into several parts are sorted by arrival. */
export function inOrderOfArrival(type: TimeseriesType, parts: readonly CellsOfRows[]): StoredCell[] {
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
