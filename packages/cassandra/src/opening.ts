import {
  type CellStore,
  createLease,
  dictionary,
  failedStore,
  type Lease,
  leasedStore,
  type OldestLive,
  type OpenedStore,
  type OpenOptions,
  pause,
  type RecordState,
  type StoreSchema,
  type TimeseriesType,
} from '@kairos/core/driver'
import { contextOf, layoutAt, type OpeningContext, thorough } from './opening-context.ts'
import { isOpen, recordState } from './schema/closing.ts'
import { compactionOf } from './schema/compaction.ts'
import { ensureTables, tableExists } from './schema/ddl.ts'
import { drop } from './schema/drop.ts'
import { factsKindOf, kindOf, SCHEMA } from './schema/kinds.ts'
import {
  besideSchema,
  liveIn,
  recordedLocation,
  recordIntervals,
  recordSchema,
  renewFacts,
} from './schema/open-records.ts'
import { intervalKey, locationOf } from './schema/place.ts'
import { type Exchange, generationAfter, type Recorded, withoutDropped } from './schema/records.ts'
import { type Replacement, replaceRecords } from './schema/replace-records.ts'
import { definitionOf, type Layout } from './schema/table.ts'
import type { StoreContext } from './store/context.ts'
import { freeAll, freeCells } from './store/free.ts'
import { namesWithData } from './store/live-names.ts'
import { createStore } from './store/store.ts'

/** How often to check whether another process is still replacing the records, in milliseconds. */
const POLL_INTERVAL = 100

/**
 * Opens a timeseries: records what has no record yet, replaces the records it is asked to, and creates the table.
 * @throws StoreFailure
 */
export async function openAt(
  at: OpeningContext,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<OpenedStore> {
  const { shared, records, settings } = at
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

async function tryToOpen(
  at: OpeningContext,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<Attempt> {
  const { shared, records, settings, place } = at
  const recorded = await recordSchema(at, schema, options, (before) => replaceSchema(at, schema, before, options))
  const layout = await layoutAt(at, schema, locationOf(place, schema.valueType, recorded.generation))
  const hasTable = await ensureTable(at, schema, layout, recorded)
  const kind = kindOf(recorded)
  const before = await recordIntervals(records, recorded, schema)
  const where = { at, schema, layout, hasTable, generation: recorded.generation }
  const context = contextOf(where, before)
  const replaced = await replaceIntervals(at, context, recorded, before, options)
  // They are out of sight already, since cells under the new record have a key of their own: this only frees the space.
  if (replaced.length > 0) await freeCells(context, replaced)
  // Another process may have replaced the same record first.
  const current = options.replace?.intervals === undefined ? before : await records.read(kind)
  await renewFacts(records, recorded, schema, current)
  const own = new Map([...current].filter(([interval]) => Object.hasOwn(schema.intervals, interval)))
  const look = (): Promise<RecordState> =>
    recordState(records, shared.clock, { schema: recorded, intervals: own, kind })
  const lease = createLease(look, settings.lease)
  const intervals = Array.from(withoutDropped(current), ([interval, { record }]) => [interval, record] as const)
  return {
    // Read within the lease that has just begun: a process that marks the records from now on waits for its end.
    state: await look(),
    opened: {
      store: storeOf(at, contextOf(where, current), recorded, lease),
      clock: shared.clock.now() / 1000,
      records: { schema: recorded.record, intervals: dictionary(intervals) },
    },
  }
}

/** A drop checks the records itself: it may be repeated after they are gone. */
function storeOf(at: OpeningContext, context: StoreContext, recorded: Recorded, lease: Lease): CellStore {
  const cells = {
    freeAll: () => freeAll(context, at.settings.keyspace),
    free: (key: string) => freeCells(context, [key]),
  }
  return {
    ...leasedStore(createStore(context), lease, { timeout: at.settings.timeout }),
    drop: (interval, options) => drop(at, cells, recorded, interval, options?.signal),
  }
}

/** Creates the table; resolves to whether there is one. That of another recorded schema is not created: its columns are unknown here. */
async function ensureTable(
  { shared: { session }, settings: { keyspace, compaction }, place }: OpeningContext,
  schema: StoreSchema<TimeseriesType>,
  layout: Layout,
  recorded: Recorded,
): Promise<boolean> {
  if (recorded.record !== schema.record) return tableExists(session.timed, { keyspace, table: layout.table })
  // A table of many timeseries cannot know how long the next one keeps its cells.
  const own = place.name === undefined ? compactionOf(schema) : undefined
  await ensureTables(session.timed, [definitionOf(layout, keyspace, compaction ?? own)])
  return true
}

/** Replaces the schema's record, unless it covers a live cell, and deletes what was stored under it. */
async function replaceSchema(
  at: OpeningContext,
  schema: StoreSchema<TimeseriesType>,
  before: Recorded,
  { oldestLive, signal }: OpenOptions,
): Promise<void> {
  const { shared, records, settings } = at
  const location = await recordedLocation(at, schema, before)
  const layout = await layoutAt(at, schema, location)
  const hasTable = await tableExists(shared.session.timed, { keyspace: settings.keyspace, table: location.table })
  const intervals = await records.read(kindOf(before))
  const beside = besideSchema(at, schema, generationAfter(before))
  const replacement = {
    exchange: { ...SCHEMA, before, record: schema.record, beside },
    oldestLive: liveIn([...intervals.keys()], oldestLive),
  }
  const context = contextOf({ at, schema, layout, hasTable, generation: before.generation }, intervals)
  const replaced = await replaceUncovered(at, context, [replacement], signal)
  if (replaced.length > 0) await freeAll(context, settings.keyspace)
}

/** Resolves to the keys of the intervals whose records this call replaced: their cells can be deleted. */
async function replaceIntervals(
  at: OpeningContext,
  context: StoreContext,
  recorded: Recorded,
  before: ReadonlyMap<string, Recorded>,
  { replace, oldestLive, signal }: OpenOptions,
): Promise<string[]> {
  const [kind, facts] = [kindOf(recorded), factsKindOf(recorded)]
  const replacements = Object.entries(context.schema.intervals).flatMap(([interval, own]): Replacement[] => {
    const found = before.get(interval)
    if (found === undefined || found.record === own.record || found.record !== replace?.intervals?.[interval]) return []
    const beside = [{ kind: facts, key: interval, text: own.facts }]
    const exchange = { kind, key: interval, before: found, record: own.record, beside }
    return [{ exchange, oldestLive: liveIn([interval], oldestLive) }]
  })
  const replaced = await replaceUncovered(at, context, replacements, signal)
  return replaced.map(({ key, before: found }) => intervalKey(key, found!.generation))
}

/** Replaces those of these records that cover no live cell. */
function replaceUncovered(
  { shared: { clock }, records, settings: { lease, timeout } }: OpeningContext,
  context: StoreContext,
  replacements: readonly Replacement[],
  signal: AbortSignal | undefined,
): Promise<readonly Exchange[]> {
  const reading = thorough(context)
  const hasLiveCells = async (oldest: OldestLive): Promise<boolean> =>
    (await namesWithData(reading, oldest, 1)).length > 0
  return replaceRecords({ records, clock, lease, timeout }, replacements, hasLiveCells, signal)
}
