import type { BucketRange, CellQuery, CellValue, Scalar, StoredCell, TimeseriesType } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { type Paging, pagesByBytes } from '../connection/page-size.ts'
import { bytesOf, sumOf } from '../folding/deltas.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { hasDeltas, hasParts, windowKey } from '../schema/table.ts'
import { tickOf } from '../values/arrival-uuid.ts'
import type { ScalarCodec } from '../values/codecs.ts'
import { bigint, toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { StaleDeltas } from './stale-deltas.ts'

/** Windows that are simply looked into; more are asked of the registry first, which knows which there are. */
const FEW_WINDOWS = 4

export async function readCells(context: StoreContext, query: CellQuery): Promise<StoredCell[]> {
  const perName = await Promise.all(query.names.map((name) => readName(context, name, query)))
  return perName.length === 1 ? perName[0]! : perName.flat()
}

/** The windows in which a name may have cells of a range. */
export async function windowsOf(
  context: StoreContext,
  name: string,
  interval: string,
  buckets: BucketRange,
): Promise<Window[]> {
  const windowing = context.windowings[interval]!
  const range = windowing.range(buckets)
  if (!windowing.divided && !hasParts(context.layout.type) && range.last - range.first < FEW_WINDOWS)
    return Array.from({ length: range.last - range.first + 1 }, (_, index) => ({
      win: range.first + index,
      sub: 0,
      part: 0,
    }))
  const windows: Window[] = []
  for await (const window of context.registry.windows(name, context.intervalKey(interval), { range }))
    windows.push(window)
  return windows
}

async function readName(context: StoreContext, name: string, { interval, range }: CellQuery): Promise<StoredCell[]> {
  const windows = await windowsOf(context, name, interval, range)
  const ends = [bigint(range.first), bigint(range.last)]
  const stale = StaleDeltas.of(context)
  const paging = pagingOf(context)
  const parts = await Promise.all(
    windows.map(async (window) => {
      const column = windowName(context.intervalKey(interval), window)
      const asked = { name, window: column, values: [...windowKey(name, column), ...ends] }
      const cells = new CellsOfRows(context.layout.type, context.layout.codec, name)
      const take = (row: CassandraRow): void => {
        cells.add(row)
        stale?.check(asked, row)
      }
      await context.session.eachRow(context.layout.read, asked.values, take, paging)
      return cells
    }),
  )
  stale?.foldAll()
  return inOrderOfArrival(context.layout.type, parts)
}

/** Undefined: of so many rows. Values may be of any size, and so may counts whose deltas are never folded. */
function pagingOf({ layout: { type, codec }, session, timings }: StoreContext): Paging | undefined {
  const unfolded = hasDeltas(type) && !session.strong
  const sized = type !== 'count' && codec.sizeOf !== undefined
  if (!unfolded && !sized) return undefined
  const sizeOf = ({ value, d }: CassandraRow): number => (sized ? codec.sizeOf!(value) : 0) + bytesOf(d)
  return pagesByBytes(sizeOf, timings.pageRows)
}

/** Cells of one window's rows, which come in the order of their cells. */
class CellsOfRows {
  readonly cells: StoredCell[] = []
  /** Of a series: the `at` of each value, cell by cell; only asked for where a window has parts. */
  readonly arrivals: unknown[][] = []
  readonly #type: TimeseriesType
  readonly #codec: ScalarCodec
  readonly #name: string
  #bucket = Number.NaN
  #resolutionBucket = Number.NaN

  constructor(type: TimeseriesType, codec: ScalarCodec, name: string) {
    this.#type = type
    this.#codec = codec
    this.#name = name
  }

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

/** What a cell is with one more row; collections are extended in place. */
export const extended: Readonly<Record<TimeseriesType, Extend>> = {
  count: (before, { b, d }) => ((before as number | undefined) ?? 0) + sumOf(b, d),
  gauge: (_before, { value }, codec) => codec.decode(value),
  series(before, { value }, codec) {
    const values = (before as Scalar[] | undefined) ?? []
    values.push(codec.decode(value))
    return values
  },
  set: (before, { value }, codec) =>
    ((before as Set<Scalar> | undefined) ?? new Set<Scalar>()).add(codec.decode(value)),
  histogram(before, { value, b, d }, codec) {
    const counts = (before as Map<Scalar, number> | undefined) ?? new Map<Scalar, number>()
    const scalar = codec.decode(value)
    return counts.set(scalar, (counts.get(scalar) ?? 0) + sumOf(b, d))
  },
}

/** Where a window of a series has parts, values of one cell may lie in several, written by different processes at one time. */
function inOrderOfArrival(type: TimeseriesType, parts: readonly CellsOfRows[]): StoredCell[] {
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
