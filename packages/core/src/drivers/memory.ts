import type { StorageDriver, TimeseriesType } from '../contract/cells.ts'
import { checkSchema } from '../toolkit/check-schema.ts'
import { dictionary } from '../toolkit/dictionary.ts'
import { TYPES_OF_SPEC_1 } from '../toolkit/types-of-spec-1.ts'
import { memoryCapabilities } from './memory-capabilities.ts'
import { type MemoryStreams, openMemoryEvents } from './memory-events.ts'
import { MemoryShelf } from './memory-shelf.ts'
import { createMemoryStore } from './memory-store.ts'

/** A driver with places of its own. */
export function createMemoryDriver(): StorageDriver {
  /** By name and type. */
  const shelves = new Map<string, MemoryShelf>()
  const namespaces = new Map<string, MemoryStreams>()
  return {
    spec: 1,
    id: 'memory',
    capabilities: memoryCapabilities,
    async open(schema, { replace = {}, oldestLive = {} } = {}) {
      checkSchema<TimeseriesType>(schema, 'memory', { types: TYPES_OF_SPEC_1 })
      const place = JSON.stringify([schema.type, schema.name])
      const shelf = shelves.get(place) ?? new MemoryShelf(schema)
      shelves.set(place, shelf)
      shelf.replaceRecords(schema, replace, oldestLive)
      shelf.addRecords(schema)
      return {
        store: createMemoryStore(shelf, schema, () => shelves.delete(place)),
        records: shelf.records,
      }
    },
    async discover() {
      return Array.from(shelves, ([place, { records, facts, intervals }]) => {
        const [, name] = JSON.parse(place) as [string, string | null]
        return {
          ...(name !== null && { name }),
          records,
          facts: { schema: facts, intervals: dictionary(Array.from(intervals, ([key, own]) => [key, own.facts])) },
        }
      })
    },
    openEvents: async (schema) => openMemoryEvents(namespaces, schema),
    async close() {
      shelves.clear()
      namespaces.clear()
    },
  }
}
