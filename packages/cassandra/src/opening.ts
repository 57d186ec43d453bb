import type { OpenedStore, OpenOptions, StoreSchema } from '@kairos/core/driver'
import type { CassandraSettings } from './options.ts'
import { windowingOf } from './registry/windows.ts'
import { compactionOf } from './schema/compaction.ts'
import { dropTable, ensureTables, tableExists } from './schema/ddl.ts'
import type { Recorded, Records } from './schema/records.ts'
import { definitionOf, type Layout, layoutOf } from './schema/table.ts'
import type { Place, StoreContext } from './store/context.ts'
import { removeCells } from './store/delete.ts'
import { createStore } from './store/store.ts'

const SCHEMA = 'schema'
const ONLY = ''

/** Opens a timeseries at a place: records what has no record, replaces what it is asked to, and makes the table. */
export async function openAt(
  place: Place,
  records: Records,
  settings: CassandraSettings,
  tableName: string,
  schema: StoreSchema,
  { replace = {} }: OpenOptions,
): Promise<OpenedStore> {
  await place.clock.ready()
  const recorded = await recordSchema(place, records, settings, tableName, schema, replace.schema)
  const layout = layoutOf(schema.type, schema.valueType, settings.keyspace, tableOf(tableName, recorded))
  const hasTable = await ensureTable(place, settings, schema, layout, recorded)
  // Records of intervals belong to the schema's generation: a schema that was replaced begins without any.
  const kind = `intervals ${recorded.generation}`
  const intervals = await recordIntervals(records, kind, schema)
  const context = contextOf(place, schema, layout, hasTable, intervals)
  const replaced = await replaceIntervals(records, kind, schema, intervals, replace.intervals ?? {})
  // Hidden already, since the new record has a name of its own for its cells: this only frees the space.
  if (replaced.length > 0) await removeCells(context, null, replaced)
  // Another may have replaced what this call was asked to.
  const current = replace.intervals === undefined ? intervals : await records.read(kind)
  return {
    store: createStore(contextOf(place, schema, layout, hasTable, current)),
    clock: place.clock.now() / 1000,
    records: {
      schema: recorded.record,
      intervals: Object.fromEntries([...current].map(([interval, { record }]) => [interval, record])),
    },
  }
}

function contextOf(
  place: Place,
  schema: StoreSchema,
  layout: Layout,
  hasTable: boolean,
  records: ReadonlyMap<string, Recorded>,
): StoreContext {
  const windowings = Object.entries(schema.intervals).map(
    ([interval, { fanOut }]) => [interval, windowingOf({ fanOut })] as const,
  )
  const keys = new Map([...records].map(([interval, { generation }]) => [interval, intervalKey(interval, generation)]))
  return {
    ...place,
    schema,
    layout,
    hasTable,
    windowings: Object.assign(Object.create(null), Object.fromEntries(windowings)),
    intervalKey: (interval) => keys.get(interval) ?? intervalKey(interval, 0),
  }
}

/** No two intervals and generations have the same: the mark, where a name holds it, is doubled. */
function intervalKey(interval: string, generation: number): string {
  const escaped = interval.replaceAll('\u0001', '\u0001\u0001')
  return generation === 0 ? escaped : `${escaped}\u0001${generation}`
}

function tableOf(tableName: string, { generation }: Recorded): string {
  return generation === 0 ? tableName : `${tableName}_${generation}`
}

async function recordSchema(
  { session }: Place,
  records: Records,
  { keyspace }: CassandraSettings,
  tableName: string,
  schema: StoreSchema,
  outdated: string | undefined,
): Promise<Recorded> {
  const before = (await records.read(SCHEMA)).get(ONLY)
  if (before === undefined) await records.putIfAbsent(SCHEMA, ONLY, schema.record)
  else if (before.record !== outdated) return before
  else if (await records.replace(SCHEMA, ONLY, before, schema.record))
    await dropTable(session.timed, keyspace, tableOf(tableName, before))
  // Whoever was first.
  return (await records.read(SCHEMA)).get(ONLY)!
}

/** Whether there is a table: that of another schema is not made, since only its own timeseries know its columns. */
async function ensureTable(
  { session }: Place,
  { keyspace, compaction }: CassandraSettings,
  schema: StoreSchema,
  layout: Layout,
  recorded: Recorded,
): Promise<boolean> {
  if (recorded.record !== schema.record) return tableExists(session.timed, { keyspace, table: layout.table })
  await ensureTables(session.timed, [definitionOf(layout, keyspace, compaction ?? compactionOf(schema))])
  return true
}

async function recordIntervals(records: Records, kind: string, schema: StoreSchema): Promise<Map<string, Recorded>> {
  const before = await records.read(kind)
  const missing = Object.entries(schema.intervals).filter(([interval]) => !before.has(interval))
  if (missing.length === 0) return before
  // One after another: transactions on one partition only get in each other's way.
  for (const [interval, { record }] of missing) await records.putIfAbsent(kind, interval, record)
  return records.read(kind)
}

/** Resolves to the keys of what was left under the records that this call replaced. */
async function replaceIntervals(
  records: Records,
  kind: string,
  schema: StoreSchema,
  before: ReadonlyMap<string, Recorded>,
  outdated: Readonly<{ [interval: string]: string }>,
): Promise<string[]> {
  const replaced: string[] = []
  for (const [interval, { record }] of Object.entries(schema.intervals)) {
    const found = before.get(interval)
    if (found === undefined || found.record === record || found.record !== outdated[interval]) continue
    if (await records.replace(kind, interval, found, record)) replaced.push(intervalKey(interval, found.generation))
  }
  return replaced
}
