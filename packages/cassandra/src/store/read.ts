import type { BucketRange, CellQuery, StoredCell } from '@kairos/core/driver'
import type { CassandraRow } from '../connection/client.ts'
import { type Paging, pagesByBytes } from '../connection/page-size.ts'
import { bytesOf } from '../folding/deltas.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { hasDeltas, hasParts, hasValues, windowKey } from '../schema/table.ts'
import { bigint } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'
import { CellsOfRows, inOrderOfArrival } from './decode-rows.ts'
import { StaleDeltas } from './stale-deltas.ts'

/** Up to this many windows are simply read; for more, the registry says which of them exist. */
const FEW_WINDOWS = 4

/**
 * Reads the cells of some names in a range.
 * @throws StoreFailure
 */
export async function readCells(context: StoreContext, query: CellQuery): Promise<StoredCell[]> {
  const perName = await Promise.all(query.names.map((name) => readName(context, name, query)))
  return perName.length === 1 ? perName[0]! : perName.flat()
}

/** The windows that may hold cells of a name in a range. */
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
      const asked = { name, window: column, values: [...windowKey(context.layout, name, column), ...ends] }
      const cells = new CellsOfRows(context.layout, name)
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

/** By bytes if rows may have any size: because of their values, registers or bins, or deltas that are never folded. Undefined: by rows. */
function pagingOf({ layout: { type, codec }, session, timings }: StoreContext): Paging | undefined {
  const unfolded = hasDeltas(type) && !session.strong
  const ofBytes = type === 'unique' || type === 'distribution'
  const sized = hasValues(type) && codec.sizeOf !== undefined
  if (!unfolded && !ofBytes && !sized) return undefined
  const sizeOf = ({ value, b, d }: CassandraRow): number =>
    (sized ? codec.sizeOf!(value) : 0) + (ofBytes && Buffer.isBuffer(b) ? b.length : 0) + bytesOf(d)
  return pagesByBytes(sizeOf, timings.pageRows)
}
