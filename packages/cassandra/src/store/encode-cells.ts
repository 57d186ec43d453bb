import type { CellValue, CellWrite, Scalar, TimeseriesType } from '@kairos/core/driver'
import type { BoundStatement } from '../connection/session.ts'
import { type OwnRow, weightOfChange } from '../folding/folding.ts'
import { setOfDeltas } from '../folding/set-of-deltas.ts'
import type { Writer } from '../folding/writer-lease.ts'
import { cellKey } from '../schema/table.ts'
import type { ArrivalUuids } from '../values/arrival-uuid.ts'
import { int } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'

/** A row to write: a cell, or one value of it. */
export interface RowWrite {
  readonly bound: BoundStatement
  readonly cell: CellWrite
  /** The value; undefined if the row is the whole cell. */
  readonly scalar?: Scalar | undefined
  /** Of a series value: when it arrived. */
  readonly at?: Buffer
  /** Of a delta: the row that it is added to. */
  readonly own?: OwnRow
  /** Of a large delta: how many others it counts as. */
  readonly weight?: number
}

/** What all rows of a batch have in common. */
export interface RowsOfBatch {
  readonly context: StoreContext
  readonly timestamp: number
  readonly arrivals: ArrivalUuids
  /** Only of types with deltas. */
  readonly writer: Writer | undefined
}

/** The window of a cell, and what its rows need to know of it. */
export interface CellWindow {
  /** As in its column. */
  readonly name: string
  readonly key: readonly Buffer[]
  /** In seconds; 0: none. */
  readonly ttl: number
  /** Unix seconds; 0: never. */
  readonly expiresAt: number
}

type RowMaker = (batch: RowsOfBatch, cell: CellWrite, window: CellWindow) => RowWrite[]

/** The whole change is one delta. */
const whole: RowMaker = (batch, cell, window) => [deltaRow(batch, cell, window, cell.change)]

/** Makes the rows of a cell's change, by type. */
export const rowsOf: Readonly<Record<TimeseriesType, RowMaker>> = {
  count: whole,
  histogram: (batch, cell, window) =>
    Array.from(cell.change as ReadonlyMap<Scalar, number>, ([scalar, times]) =>
      deltaRow(batch, cell, window, times, scalar),
    ),
  summary: whole,
  distribution: whole,
  unique: whole,
  gauge: ({ context: { layout } }, cell, { key, ttl }) => {
    const value = layout.codec.encode(cell.change as Scalar)
    return [{ cell, bound: { query: layout.write, values: [...key, ...cellKey(cell), value, int(ttl)] } }]
  },
  set: ({ context: { layout } }, cell, { key, ttl }) =>
    [...(cell.change as ReadonlySet<Scalar>)].map((scalar) => ({
      cell,
      scalar,
      bound: { query: layout.write, values: [...key, ...cellKey(cell), layout.codec.encode(scalar), int(ttl)] },
    })),
  series({ context: { layout }, arrivals, timestamp }, cell, { key, ttl }) {
    const values = cell.change as readonly Scalar[]
    const ats = arrivals.of(cell, values.length, timestamp)
    return values.map((scalar, index) => ({
      cell,
      scalar,
      at: ats[index]!,
      bound: {
        query: layout.write,
        values: [...key, ...cellKey(cell), ats[index]!, layout.codec.encode(scalar), int(ttl)],
      },
    }))
  },
}

function deltaRow(
  { context: { layout, folding, lease }, timestamp, writer }: RowsOfBatch,
  cell: CellWrite,
  window: CellWindow,
  change: CellValue,
  scalar?: Scalar,
): RowWrite {
  const { name, bucket, resolutionBucket } = cell
  const own = folding.begin({ layout, name, window: window.name, bucket, resolutionBucket, scalar }, writer!, timestamp)
  const added = setOfDeltas(layout.deltas!, change, { timestamp, expiresAt: window.expiresAt }, lease.tag)
  const values = [int(window.ttl), added, ...window.key, ...cellKey(cell)]
  if (scalar !== undefined) values.push(layout.codec.encode(scalar))
  values.push(own.writer)
  return { cell, own, weight: weightOfChange(added.length), scalar, bound: { query: layout.write, values } }
}

/** A cell with only the part of its change that these rows hold; the cell itself if they hold all of it. */
export function partOf(type: TimeseriesType, cell: CellWrite, rows: readonly RowWrite[]): CellWrite {
  if (rows.length === sizeOf[type](cell.change)) return cell
  const scalars = rows.map(({ scalar }) => scalar!)
  if (type === 'series') return { ...cell, change: scalars }
  if (type === 'set') return { ...cell, change: new Set(scalars) }
  const counts = cell.change as ReadonlyMap<Scalar, number>
  return { ...cell, change: new Map(scalars.map((scalar) => [scalar, counts.get(scalar)!])) }
}

/** How many rows these cells make. */
export function valuesIn(type: TimeseriesType, cells: readonly CellWrite[]): number {
  return cells.reduce((sum, { change }) => sum + sizeOf[type](change), 0)
}

const sizeOf: Readonly<Record<TimeseriesType, (change: CellValue) => number>> = {
  series: (change) => (change as readonly Scalar[]).length,
  histogram: (change) => (change as ReadonlyMap<Scalar, number>).size,
  set: (change) => (change as ReadonlySet<Scalar>).size,
  count: () => 1,
  gauge: () => 1,
  summary: () => 1,
  distribution: () => 1,
  unique: () => 1,
}
