import { pack, type StoredEvent } from '@kairos/core/driver'

/** The bounds of a batch in the driver contract. */
const MAX_EVENTS = 1_000
const MAX_CHARACTERS = 1_000_000

/** Events as `append` takes them, with their indexes in the list that they come from. */
export interface Batch {
  readonly events: readonly StoredEvent[]
  readonly indexes: readonly number[]
}

/** Sorts events by key, drops all but the first event of each key, and cuts the rest into batches. */
export function batchesOf(events: readonly StoredEvent[]): Batch[] {
  const order = events.map((_event, index) => index)
  // Of several events with one key, the first in the list comes first.
  if (!isSorted(events)) order.sort((a, b) => compare(events[a]!.key, events[b]!.key) || a - b)
  const distinct = order.filter((index, at) => at === 0 || events[order[at - 1]!]!.key !== events[index]!.key)
  const limits = {
    weightOf: (index: number) => events[index]!.body.length,
    maxWeight: MAX_CHARACTERS,
    maxItems: MAX_EVENTS,
  }
  return Array.from(pack(distinct, limits), (indexes) => ({ indexes, events: indexes.map((index) => events[index]!) }))
}

function isSorted(events: readonly StoredEvent[]): boolean {
  for (let index = 1; index < events.length; index++) {
    if (events[index - 1]!.key > events[index]!.key) return false
  }
  return true
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
