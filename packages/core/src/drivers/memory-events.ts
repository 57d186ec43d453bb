import type { EventSchema, EventStorage, StoredEvent } from '../contract/events.ts'
import { type Place, SortedList } from './sorted-list.ts'

/** The events of one namespace, by stream, in the order of keys; streams without events are absent. */
export type MemoryStreams = Map<string, SortedList<StoredEvent>>

/** Opens a namespace of a driver object. */
export function openMemoryEvents(namespaces: Map<string, MemoryStreams>, { namespace }: EventSchema): EventStorage {
  const streams = namespaces.get(namespace) ?? (new Map() as MemoryStreams)
  namespaces.set(namespace, streams)
  const listOf = (stream: string): SortedList<StoredEvent> => streams.get(stream) ?? new SortedList()
  return {
    async append(stream, events) {
      const list = listOf(stream)
      streams.set(stream, list)
      return events.map(({ key, body }) => {
        if (list.find(at(key)) !== undefined) return false
        list.insert(at(key), { key, body })
        return true
      })
    },
    async read(stream, { first, last, order, limit, maxLength }) {
      const events: StoredEvent[] = []
      let length = 0
      for (const event of listOf(stream)[order](at(first), after(last))) {
        if (events.length === limit || (length >= maxLength && events.length > 0)) return { events, done: false }
        length += event.body.length
        events.push(event)
      }
      return { events, done: true }
    },
    async keyAt(stream, { first, last }, index) {
      let before = 0
      for (const { key } of listOf(stream).ascending(at(first), after(last))) if (before++ === index) return key
      return null
    },
    async count(stream, { first, last }) {
      return listOf(stream).count(at(first), after(last))
    },
    async delete(stream, { first, last }) {
      const list = listOf(stream)
      const deleted = list.remove(at(first), after(last))
      if (list.isEmpty) streams.delete(stream)
      return deleted
    },
    async streams() {
      return [...streams.keys()]
    },
  }
}

function at(key: string): Place<StoredEvent> {
  return (event) => (event.key < key ? -1 : event.key > key ? 1 : 0)
}

/** After the event with the key. */
function after(key: string): Place<StoredEvent> {
  return (event) => (event.key <= key ? -1 : 1)
}
