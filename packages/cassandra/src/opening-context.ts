import { dictionary, type StoreSchema, type TimeseriesType } from '@kairos/core/driver'
import { deltaKindOf } from './folding/delta-kinds.ts'
import { Registry } from './registry/registry.ts'
import { windowingOf } from './registry/windows.ts'
import { intervalKey, type Location, registryPlaceOf } from './schema/place.ts'
import type { Recorded } from './schema/records.ts'
import type { RecordsContext } from './schema/records-context.ts'
import { type Layout, layoutOf } from './schema/table.ts'
import type { SharedContext, StoreContext } from './store/context.ts'

/** What opening needs to know about a place, besides what its stores share. */
export interface OpeningContext extends RecordsContext {
  readonly shared: SharedContext
}

/** What a context is made of, besides its records. */
interface Where {
  readonly at: OpeningContext
  readonly schema: StoreSchema<TimeseriesType>
  readonly layout: Layout
  readonly hasTable: boolean
  /** Of the schema's record. */
  readonly generation: number
}

/** How the cells of a schema are stored at a location. */
export async function layoutAt(
  { settings }: OpeningContext,
  { type, valueType }: StoreSchema<TimeseriesType>,
  location: Location,
): Promise<Layout> {
  return layoutOf(type, valueType, settings.keyspace, location, await deltaKindOf(type))
}

/** The context of a store with these records of its intervals, dropped ones included. */
export function contextOf(
  { at, schema, layout, hasTable, generation }: Where,
  records: ReadonlyMap<string, Recorded>,
): StoreContext {
  const { shared, settings, place } = at
  const windowings = Object.entries(schema.intervals).map(
    ([interval, { fanOut }]) => [interval, windowingOf({ fanOut })] as const,
  )
  const keys = new Map([...records].map(([interval, own]) => [interval, intervalKey(interval, own.generation)]))
  return {
    ...shared,
    registry: new Registry(shared.session, settings.keyspace, registryPlaceOf(place, generation)),
    schema,
    layout,
    hasTable,
    windowings: dictionary(windowings),
    intervalKey: (interval) => keys.get(interval) ?? intervalKey(interval, 0),
  }
}

/** The same context, with reads that see every acknowledged write whatever the consistency. */
export function thorough(context: StoreContext): StoreContext {
  const session = context.session.thorough
  return { ...context, session, registry: context.registry.readBy(session) }
}
