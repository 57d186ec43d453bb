import type { EventCapabilities, EventSchema, EventStorage, KeyRange, StoredEvent } from '../contract/events.ts'

/** Nothing here waits, so that every call is one step. */
export const memoryEventCapabilities: EventCapabilities = { atomic: true }

/** The events of one namespace: each stream's in the order of keys; a stream without events is not there. */
export type MemoryStreams = Map<string, StoredEvent[]>

/** Opens a namespace of what a driver object keeps. */
export function openMemoryEvents(namespaces: Map<string, MemoryStreams>, { namespace }: EventSchema): EventStorage {
  const streams = namespaces.get(namespace) ?? new Map<string, StoredEvent[]>()
  namespaces.set(namespace, streams)
  const slice = (stream: string, { first, last }: KeyRange): { from: number; to: number; list: StoredEvent[] } => {
    const list = streams.get(stream) ?? []
    const from = indexOf(list, (key) => key >= first)
    return {
      list,
      from,
      to: Math.max(
        from,
        indexOf(list, (key) => key > last),
      ),
    }
  }
  return {
    async append(stream, events) {
      const list = streams.get(stream) ?? []
      // Later events only are moved: those of a stream that grows at its end, none.
      const later = list.splice(indexOf(list, (key) => key >= events[0]!.key))
      let next = 0
      const inserted = events.map(({ key, body }) => {
        while (next < later.length && later[next]!.key < key) list.push(later[next++]!)
        if (later[next]?.key === key) return false
        list.push({ key, body })
        return true
      })
      while (next < later.length) list.push(later[next++]!)
      streams.set(stream, list)
      return inserted
    },
    async read(stream, { first, last, order, limit, maxLength }) {
      const { list, from, to } = slice(stream, { first, last })
      const events: StoredEvent[] = []
      let length = 0
      while (events.length < Math.min(limit, to - from) && (length < maxLength || events.length === 0)) {
        const event = list[order === 'ascending' ? from + events.length : to - 1 - events.length]!
        length += event.body.length
        events.push(event)
      }
      return { events, done: events.length === to - from }
    },
    async count(stream, range) {
      const { from, to } = slice(stream, range)
      return to - from
    },
    async delete(stream, range) {
      const { list, from, to } = slice(stream, range)
      const deleted = list.splice(from, to - from).length
      if (list.length === 0) streams.delete(stream)
      return deleted
    },
    async streams() {
      return [...streams.keys()]
    },
  }
}

/** Where the first event is whose key is so, in a list in which all after it are. */
function indexOf(list: readonly StoredEvent[], isSo: (key: string) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isSo(list[middle]!.key)) high = middle
    else low = middle + 1
  }
  return low
}
