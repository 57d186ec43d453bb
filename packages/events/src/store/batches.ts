import type { StoredEvent } from '@kairos/core/driver'

/** The bounds of a batch in the driver contract. */
const MOST_EVENTS = 1_000
const MOST_CHARACTERS = 1_000_000

/** Events as `append` takes them, with their indexes in the list that they come from. */
export interface Batch {
  readonly events: StoredEvent[]
  readonly indexes: number[]
}

/** Sorts events by key, drops all but the first event of each key, and cuts the rest into batches. */
export function batchesOf(events: readonly StoredEvent[]): Batch[] {
  // Of several events with one key, the first in the list comes first.
  const order = events.map((_event, index) => index)
  if (!isSorted(events)) order.sort((a, b) => compare(events[a]!.key, events[b]!.key) || a - b)
  const batches: Batch[] = []
  let batch: Batch = { events: [], indexes: [] }
  let length = 0
  let lastKey = ''
  for (const index of order) {
    const event = events[index]!
    if (event.key === lastKey) continue
    lastKey = event.key
    if (batch.events.length === MOST_EVENTS || (length > 0 && length + event.body.length > MOST_CHARACTERS)) {
      batches.push(batch)
      batch = { events: [], indexes: [] }
      length = 0
    }
    batch.events.push(event)
    batch.indexes.push(index)
    length += event.body.length
  }
  if (batch.events.length > 0) batches.push(batch)
  return batches
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
