import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'

/** A smaller change, added to a finite double, rounds to one that is finite. */
const SMALLEST_RISK = 2 ** 970

export function mayOverflow(change: number): boolean {
  return Math.abs(change) >= SMALLEST_RISK
}

/** The fields of an update to which so much is added that their sum may not be a finite double any more. */
export type Guard = ReadonlyMap<string, number>

/**
 * A filter by which the update meets only documents in which every sum stays finite. Where the document is there and one does not, the upsert is
 * refused by the unique index: the server would store Infinity without a word.
 */
export function guarded(filter: object, guard: Guard): object {
  const conditions = Array.from(guard, ([field, change]) => {
    const most = mostBefore(Math.abs(change))
    return [field, { $not: change > 0 ? { $gt: most } : { $lt: -most } }]
  })
  return { ...filter, ...Object.fromEntries(conditions) }
}

/** Whether a sum of the update would overflow, as the documents stand. */
export type OverflowLook = (requests: Requests) => Promise<boolean>

/** Looks into all documents of a cell, once for all updates that the cell is written with. */
export function lookOnce(cell: object, guard: Guard): OverflowLook {
  let looked: Promise<boolean> | undefined
  return (requests) => {
    looked ??= look(requests, cell, guard)
    return looked
  }
}

async function look(requests: Requests, cell: object, guard: Guard): Promise<boolean> {
  const sums = new Map(guard)
  await requests.find(cell, { readPreference: 'primary' }, (document) => {
    for (const [field, sum] of sums) sums.set(field, sum + Number(valueAt(document, field) ?? 0))
  })
  return [...sums.values()].some((sum) => !Number.isFinite(sum))
}

/** What rounds to Infinity: from half a unit above the largest double on. */
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

/** Of `h.<value>`, where neither part has a point of its own. */
function valueAt(document: MongoDocument, field: string): unknown {
  const [outer = '', inner = ''] = field.split('.')
  return (document[outer] as MongoDocument | undefined)?.[inner]
}
