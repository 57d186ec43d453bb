import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'

/** A smaller change, added to a finite double, always gives a finite one. */
const SMALLEST_RISK = 2 ** 970

export function mayOverflow(change: number): boolean {
  return Math.abs(change) >= SMALLEST_RISK
}

/** The fields of an update whose sum may leave the finite doubles, with what is added to each. */
export type Guard = ReadonlyMap<string, number>

/**
 * Narrows a filter to documents in which every sum stays finite. If the document exists and a sum would not, the unique index refuses the
 * upsert; without that, the server would silently store Infinity.
 */
export function guarded(filter: object, guard: Guard): object {
  const conditions = Array.from(guard, ([field, change]) => {
    const most = mostBefore(Math.abs(change))
    return [field, { $not: change > 0 ? { $gt: most } : { $lt: -most } }]
  })
  return { ...filter, ...Object.fromEntries(conditions) }
}

/** Whether a sum of the update would overflow, with the documents as they are now. */
export type OverflowLook = (requests: Requests) => Promise<boolean>

/** Calls back with the documents that add up to a cell. */
export type CellRows = (requests: Requests, take: (row: MongoDocument) => void) => Promise<void>

/** Reads a cell once, for all updates that write it. */
export function lookOnce(rows: CellRows, guard: Guard): OverflowLook {
  let looked: Promise<boolean> | undefined
  return (requests) => {
    looked ??= look(requests, rows, guard)
    return looked
  }
}

async function look(requests: Requests, rows: CellRows, guard: Guard): Promise<boolean> {
  const sums = new Map(guard)
  await rows(requests, (row) => {
    for (const [field, sum] of sums) sums.set(field, sum + Number(valueAt(row, field) ?? 0))
  })
  return [...sums.values()].some((sum) => !Number.isFinite(sum))
}

/** The smallest sum that rounds to Infinity: half a unit above the largest double. */
const INFINITE = 2n ** 1024n - 2n ** 970n

/** The largest double to which the change can be added. */
function mostBefore(change: number): number {
  const most = INFINITE - 1n - BigInt(change)
  const rounded = Number(most)
  return BigInt(rounded) > most ? nextBefore(rounded) : rounded
}

function nextBefore(positive: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, positive)
  view.setBigInt64(0, view.getBigInt64(0) - 1n)
  return view.getFloat64(0)
}

/** The value at a path such as `h.<value>`, if no part contains a point. */
function valueAt(document: MongoDocument, field: string): unknown {
  return field.split('.').reduce<unknown>((outer, inner) => (outer as MongoDocument | undefined)?.[inner], document)
}
