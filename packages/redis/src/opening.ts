import { KairosError } from '@kairos/core'
import {
  checkType,
  createLease,
  failedStore,
  type OpenOptions,
  pause,
  type RecordState,
  type Records,
  type StoreSchema,
} from '@kairos/core/driver'
import type { ScriptRunner } from './connection/script-runner.ts'
import { monotonicNow, ServerClock } from './connection/server-clock.ts'
import type { Settings } from './options.ts'
import { Keys } from './schema/keys.ts'
import { fieldsOf, Layout } from './schema/layout.ts'
import { intervalArguments, RecordedPlace } from './schema/records.ts'
import { forgetScript, lookScript, openScript } from './scripts/records.ts'
import type { OpenedPlace } from './store/context.ts'
import { deleteRegistered } from './store/delete.ts'
import { replaceRecords } from './store/replace-records.ts'
import { codecOf } from './values/codecs.ts'

const LAYOUT = '1'
const DEFAULT_SHARDS = 256

/** How often one looks whether another process has replaced the records, in milliseconds. */
const LOOK_AGAIN = 100

/** What `open` gives of a place. */
interface Opening {
  readonly place: OpenedPlace
  readonly records: Records
  /** The server's clock, Unix seconds. */
  readonly clock: number
}

/** Records what has no record, replaces what may be replaced, and finds out where everything lies. */
export async function openPlace(
  runner: ScriptRunner,
  settings: Settings,
  schema: StoreSchema,
  options: OpenOptions = {},
): Promise<Opening> {
  checkType(schema.type, 'redis')
  codecOf(schema)
  // While another process replaces the same records.
  const patience = monotonicNow() + settings.lease + settings.timeout
  const { replace, signal } = options
  let replaced = replace === undefined
  for (;;) {
    signal?.throwIfAborted()
    const opening = await record(runner, settings, schema)
    let wait = typeof opening === 'number' ? opening : 0
    if (typeof opening !== 'number') {
      if (replaced) {
        await deleteRetired(opening.place, opening.recorded)
        return opening
      }
      wait = await replaceRecords(runner, settings.prefix, schema, options, settings.lease)
      replaced = wait === 0
    }
    if (wait === 0) continue
    if (monotonicNow() > patience) throw failedStore('another process is replacing the configuration', 'later')
    await pause(Math.min(wait, LOOK_AGAIN), signal)
  }
}

/** Records what has no record; a number: for how many milliseconds another process may go on replacing records. */
async function record(
  runner: ScriptRunner,
  { prefix, shards, lease: leaseTime }: Settings,
  schema: StoreSchema,
): Promise<number | (Opening & { readonly recorded: RecordedPlace })> {
  const { schema: key } = new Keys(prefix, schema.type, 0)
  const intervals = Object.keys(schema.intervals)
  let state: readonly string[] = []
  const look = async (): Promise<RecordState> => String(await runner.ask(lookScript, [key], state)) as RecordState
  // Counts from before the records are read.
  const lease = createLease(look, leaseTime)
  const parameters = [String(shards ?? DEFAULT_SHARDS), schema.record, ...intervalArguments(schema, intervals)]
  const reply = await runner.ask(openScript, [key], parameters)
  if (typeof reply === 'number') return reply
  const [seconds, microseconds, fields] = reply as [Buffer, Buffer, readonly Buffer[]]
  const recorded = new RecordedPlace(fields)
  checkLayout(recorded, shards, key)
  state = recorded.stateOf(intervals)
  const places = recorded.places(schema.type)
  const clock = Number(seconds) + Number(microseconds) / 1e6
  return {
    recorded,
    records: recorded.records,
    clock,
    place: {
      runner,
      lease,
      clock: new ServerClock(clock * 1000),
      keys: new Keys(prefix, schema.type, Number(recorded.field('shards'))),
      type: schema.type,
      codec: codecOf(schema),
      schema,
      intervals: new Map(
        Object.entries(schema.intervals).map(([interval, shape]) => {
          const layout = new Layout(schema.type, { ...shape, fields: fieldsOf(schema.type, schema.valueType) })
          return [interval, { part: places.get(interval)!.part, layout, schema: shape }]
        }),
      ),
      recorded: places,
    },
  }
}

function checkLayout(recorded: RecordedPlace, shards: number | undefined, key: string): void {
  const layout = recorded.field('layout')
  if (layout !== LAYOUT) {
    throw new KairosError(
      'KAIROS_CONFIG_CHANGED',
      `${key} says that its data have the layout ${layout}, and this version of @kairos/redis knows ${LAYOUT}`,
      { driver: 'redis', recorded: layout, configured: LAYOUT },
    )
  }
  const recordedShards = recorded.field('shards')
  if (shards === undefined || recordedShards === String(shards)) return
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `${key} says that its data lie in ${recordedShards} shards, not ${shards}; leave the option out, or use another prefix`,
    { driver: 'redis', recorded: recordedShards, configured: String(shards) },
  )
}

/** Deletes what lies under replaced records: what another process that died meanwhile has left, too. */
async function deleteRetired({ runner, keys }: OpenedPlace, { retired }: RecordedPlace): Promise<void> {
  if (retired.length === 0) return
  await deleteRegistered(
    { runner, keys },
    retired.map(({ part }) => part),
  )
  await runner.ask(
    forgetScript,
    [keys.schema],
    retired.map(({ field }) => field),
  )
}
