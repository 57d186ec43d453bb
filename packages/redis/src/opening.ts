import {
  checkSchema,
  createLease,
  failedStore,
  leasedStore,
  monotonicNow,
  type OpenedStore,
  type OpenOptions,
  pause,
  type RecordState,
  type Records,
  type StoreSchema,
  type TimeseriesType,
  TYPES_OF_SPEC_1,
} from '@kairos/core/driver'
import type { ScriptRunner } from './connection/script-runner.ts'
import { ServerClock } from './connection/server-clock.ts'
import type { Kind } from './kinds/kind.ts'
import { kindOf, laidOutAs } from './kinds/kind-of.ts'
import type { Settings } from './options.ts'
import { deleteRetired } from './schema/drop.ts'
import { Keys } from './schema/keys.ts'
import { fieldsOf, Layout } from './schema/layout.ts'
import { openRecords } from './schema/open-records.ts'
import type { RecordedSchema } from './schema/records.ts'
import { replaceRecords } from './schema/replace-records.ts'
import { addPlaceScript, stateScript } from './scripts/records.ts'
import type { StoreContext } from './store/context.ts'
import { deleteRegistered } from './store/delete.ts'
import { hasLiveNames } from './store/names-page.ts'
import { createStore } from './store/store.ts'
import { codecOf } from './values/codecs.ts'

/** How often to look whether another process has finished replacing the records, in milliseconds. */
const LOOK_AGAIN = 100

interface Opening {
  readonly context: StoreContext
  readonly records: Records
  /** The server's clock, Unix seconds. */
  readonly clock: number
}

/**
 * Opens a store: adds the records that are missing, replaces those that may be replaced, and finds out where everything is stored.
 * @throws KAIROS_UNSUPPORTED, KAIROS_CONFIG_CHANGED
 * @throws StoreFailure
 */
export async function openStore(
  runner: ScriptRunner,
  settings: Settings,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions = {},
): Promise<OpenedStore> {
  const { context, records, clock } = await openPlace(runner, settings, schema, options)
  const leasing = { timeout: settings.timeout, checksRequests: true }
  return { store: leasedStore(createStore(context), context.lease, leasing), records, clock }
}

async function openPlace(
  runner: ScriptRunner,
  settings: Settings,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
): Promise<Opening> {
  checkSchema<TimeseriesType>(schema, 'redis', { types: TYPES_OF_SPEC_1 })
  const kind = await kindOf(schema.type)
  // How long to wait for another process that is replacing the same records.
  const patience = monotonicNow() + settings.lease + settings.timeout
  const { replace, signal } = options
  let replaced = replace === undefined
  for (;;) {
    signal?.throwIfAborted()
    const opening = await openContext(runner, settings, schema, kind)
    let wait = typeof opening === 'number' ? opening : 0
    if (typeof opening !== 'number') {
      if (replaced) {
        const { keys } = opening.context
        // After the records: a process that drops them takes the place away before it removes them.
        await runner.ask(addPlaceScript, [keys.places], [keys.place])
        await deleteRetired(opening.context, opening.recorded, deleteRegistered)
        return opening
      }
      wait = await replaceRecords(runner, settings.prefix, schema, options, settings.lease, hasLiveNames)
      replaced = wait === 0
    }
    if (wait === 0) continue
    if (monotonicNow() > patience) throw failedStore('another process is replacing the configuration', 'later')
    await pause(Math.min(wait, LOOK_AGAIN), signal)
  }
}

/** Adds the records that are missing. Resolves to a number if another process is replacing records: for how many milliseconds its mark lasts. */
async function openContext(
  runner: ScriptRunner,
  { prefix, shards, lease: leaseTime }: Settings,
  schema: StoreSchema<TimeseriesType>,
  kind: Kind | undefined,
): Promise<number | (Opening & { readonly recorded: RecordedSchema })> {
  const { schema: key, places, place } = new Keys(prefix, schema, 0)
  const intervals = Object.keys(schema.intervals)
  let state: readonly string[] = []
  const look = async (): Promise<RecordState> => {
    const found = String(await runner.ask(stateScript, [key], state))
    if (found !== 'restored') return found as RecordState
    // What has lost the records has lost the place.
    await runner.ask(addPlaceScript, [places], [place])
    return 'standing'
  }
  // Made first, so that it counts from before the records are read.
  const lease = createLease(look, leaseTime)
  const opened = await openRecords(runner, key, shards, schema)
  if (typeof opened === 'number') return opened
  const { recorded, clock } = opened
  state = recorded.stateOf(intervals)
  const recordedPlaces = recorded.places(schema.type)
  return {
    recorded,
    records: recorded.records,
    clock,
    context: {
      runner,
      lease,
      leaseTime,
      clock: new ServerClock(clock * 1000),
      keys: new Keys(prefix, schema, Number(recorded.field('shards'))),
      type: laidOutAs(schema.type),
      codec: codecOf(schema),
      kind,
      schema,
      intervals: new Map(
        Object.entries(schema.intervals).map(([interval, shape]) => {
          const layout = new Layout(schema.type, { ...shape, fields: fieldsOf(schema) })
          return [interval, { part: recordedPlaces.get(interval)!.part, layout, schema: shape }]
        }),
      ),
      recorded: recordedPlaces,
    },
  }
}
