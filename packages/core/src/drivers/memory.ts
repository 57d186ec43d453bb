import type { StorageDriver, StoreSchema, TimeseriesType } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { checkType } from '../toolkit/check-type.ts'
import { dictionary } from '../toolkit/dictionary.ts'
import { isValueType, VALUE_TYPES } from '../values/value-types.ts'
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
      checkSchema(schema)
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

/** A type or valueType that this driver does not know must not be stored as something else. */
function checkSchema(schema: StoreSchema<TimeseriesType>): void {
  checkType(schema, 'memory', memoryCapabilities.types)
  const { valueType } = schema
  if (isValueType(valueType)) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `valueType must be one of ${VALUE_TYPES.join(', ')} in the memory store, not ${describe(valueType)}`,
    { driver: 'memory', feature: 'valueType' },
  )
}
