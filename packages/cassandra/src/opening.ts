import {
  checkType,
  createLease,
  dictionary,
  failedStore,
  leasedStore,
  type OldestLive,
  type OpenedStore,
  type OpenOptions,
  pause,
  type RecordState,
  type StoreSchema,
} from '@kairos/core/driver'
import type { CassandraSettings } from './options.ts'
import { Registry } from './registry/registry.ts'
import { windowingOf } from './registry/windows.ts'
import { isOpen, recordState, SCHEMA } from './schema/closing.ts'
import { compactionOf } from './schema/compaction.ts'
import { dropTable, ensureTables, tableExists } from './schema/ddl.ts'
import type { Recorded, Records } from './schema/records.ts'
import { definitionOf, type Layout, layoutOf } from './schema/table.ts'
import type { SharedContext, StoreContext } from './store/context.ts'
import { deleteCells } from './store/delete.ts'
import { type Replacement, replaceRecords } from './store/replace-records.ts'
import { createStore } from './store/store.ts'

/** What opening needs to know about a table, besides what its stores share. */
export interface OpeningContext {
  readonly shared: SharedContext
  readonly records: Records
  readonly settings: CassandraSettings
  readonly tableName: string
}

/** How often to check whether another process is still replacing the records, in milliseconds. */
const POLL_INTERVAL = 100

/**
 * Opens a timeseries: records what has no record yet, replaces the records it is asked to, and creates the table.
 * @throws StoreFailure
 */
export async function openAt(at: OpeningContext, schema: StoreSchema, options: OpenOptions): Promise<OpenedStore> {
  const { shared, records, settings } = at
  checkType(schema.type, 'cassandra')
  await shared.clock.ready()
  const deadline = performance.now() + 2 * (settings.lease + settings.timeout)
  for (;;) {
    const { state, opened } = await tryToOpen(at, schema, options)
    if (state === 'standing') return opened
    // Another process may replace records over and over, or have died: core knows how long to wait.
    while (!(await isOpen(records, shared.clock))) {
      if (performance.now() > deadline) throw failedStore('another process is replacing the configuration', 'later')
      await pause(POLL_INTERVAL, options.signal)
    }
  }
}

/** What was opened, and whether its records were still current when everything was done. */
interface Attempt {
  readonly state: RecordState
  readonly opened: OpenedStore
}

async function tryToOpen(at: OpeningContext, schema: StoreSchema, options: OpenOptions): Promise<Attempt> {
  const { shared, records, settings, tableName } = at
  const { keyspace, lease: milliseconds } = settings
  const recorded = await recordSchema(at, schema, options)
  const layout = layoutOf(schema.type, schema.valueType, keyspace, tableOf(tableName, recorded))
  const hasTable = await ensureTable(shared, settings, schema, layout, recorded)
  // Intervals are recorded per generation of the schema: after a schema was replaced there are none.
  const kind = kindOf(recorded)
  const before = await recordIntervals(records, kind, schema)
  const context = contextOf(shared, schema, layout, hasTable, before)
  const replaced = await replaceIntervals(at, context, kind, before, options)
  // They are out of sight already, since cells under the new record have a key of their own: this only frees the space.
  if (replaced.length > 0) await deleteCells(context, null, replaced)
  // Another process may have replaced the same record first.
  const current = options.replace?.intervals === undefined ? before : await records.read(kind)
  const own = new Map([...current].filter(([interval]) => Object.hasOwn(schema.intervals, interval)))
  const look = (): Promise<RecordState> =>
    recordState(records, shared.clock, { schema: recorded, intervals: own, kind })
  const lease = createLease(look, milliseconds)
  return {
    // Read within the lease that has just begun: a process that marks the records from now on waits for its end.
    state: await look(),
    opened: {
      store: leasedStore(createStore(contextOf(shared, schema, layout, hasTable, current)), lease, {
        timeout: settings.timeout,
      }),
      clock: shared.clock.now() / 1000,
      records: {
        schema: recorded.record,
        intervals: Object.fromEntries([...current].map(([interval, { record }]) => [interval, record])),
      },
    },
  }
}

function contextOf(
  shared: SharedContext,
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
    ...shared,
    schema,
    layout,
    hasTable,
    windowings: dictionary(windowings),
    intervalKey: (interval) => keys.get(interval) ?? intervalKey(interval, 0),
  }
}

/** Different for each interval and generation: if a name contains the mark, it is doubled. */
function intervalKey(interval: string, generation: number): string {
  const escaped = interval.replaceAll('\u0001', '\u0001\u0001')
  return generation === 0 ? escaped : `${escaped}\u0001${generation}`
}

function tableOf(tableName: string, { generation }: Recorded): string {
  return generation === 0 ? tableName : `${tableName}_${generation}`
}

function kindOf({ generation }: Recorded): string {
  return `intervals ${generation}`
}

async function recordSchema(
  at: OpeningContext,
  schema: StoreSchema,
  { replace, oldestLive, signal }: OpenOptions,
): Promise<Recorded> {
  const { shared, records, settings, tableName } = at
  const before = (await records.read(SCHEMA.kind)).get(SCHEMA.key)
  if (before === undefined) await records.putIfAbsent(SCHEMA.kind, SCHEMA.key, schema.record)
  else if (before.record === schema.record || before.record !== replace?.schema) return before
  else {
    const table = tableOf(tableName, before)
    const layout = layoutOf(schema.type, schema.valueType, settings.keyspace, table)
    const hasTable = await tableExists(shared.session.timed, { keyspace: settings.keyspace, table })
    const intervals = await records.read(kindOf(before))
    const replacement = {
      exchange: { ...SCHEMA, before, record: schema.record },
      oldestLive: liveIn([...intervals.keys()], oldestLive),
    }
    const context = thorough(at, contextOf(shared, schema, layout, hasTable, intervals))
    const replaced = await replaceRecords(context, records, settings, [replacement], signal)
    if (replaced.length > 0) await dropTable(shared.session.timed, settings.keyspace, table)
  }
  // Another process may have been first.
  return (await records.read(SCHEMA.kind)).get(SCHEMA.key)!
}

/** From which bucket on each interval's cells are live; where that is unknown, all are. */
function liveIn(intervals: readonly string[], oldestLive: OldestLive = {}): OldestLive {
  const oldest = intervals.map((interval) => [
    interval,
    Object.hasOwn(oldestLive, interval) ? oldestLive[interval]! : Number.MIN_SAFE_INTEGER,
  ])
  return Object.fromEntries(oldest)
}

/** The same context, with reads that see every acknowledged write whatever the consistency. */
function thorough({ settings, tableName }: OpeningContext, context: StoreContext): StoreContext {
  const session = context.session.thorough
  return { ...context, session, registry: new Registry(session, settings.keyspace, tableName) }
}

/** Creates the table; resolves to whether there is one. That of another recorded schema is not created: its columns are unknown here. */
async function ensureTable(
  { session }: SharedContext,
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
  // In sequence: transactions on one partition only contend with each other.
  for (const [interval, { record }] of missing) await records.putIfAbsent(kind, interval, record)
  return records.read(kind)
}

/** Resolves to the keys of the intervals whose records this call replaced: their cells can be deleted. */
async function replaceIntervals(
  at: OpeningContext,
  context: StoreContext,
  kind: string,
  before: ReadonlyMap<string, Recorded>,
  { replace, oldestLive, signal }: OpenOptions,
): Promise<string[]> {
  const replacements = Object.entries(context.schema.intervals).flatMap(([interval, { record }]): Replacement[] => {
    const found = before.get(interval)
    if (found === undefined || found.record === record || found.record !== replace?.intervals?.[interval]) return []
    return [{ exchange: { kind, key: interval, before: found, record }, oldestLive: liveIn([interval], oldestLive) }]
  })
  const replaced = await replaceRecords(thorough(at, context), at.records, at.settings, replacements, signal)
  return replaced.map(({ key, before: { generation } }) => intervalKey(key, generation))
}
