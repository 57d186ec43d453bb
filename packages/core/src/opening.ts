import { callStore } from './calls/retry.ts'
import { parseIntervalRecord } from './config.ts'
import type {
  CellStore,
  IntervalSchema,
  OpenedStore,
  OpenOptions,
  Records,
  StorageDriver,
  StoreSchema,
} from './contract/cells.ts'
import { KairosError } from './errors.ts'
import { describe } from './internal/describe.ts'
import { ALWAYS, dictionary, oldestLiveBucket, type Retention } from './retention.ts'
import type { Interval, Settings } from './settings.ts'
import { shiftBucket } from './time/calculator.ts'
import { calculatorOf } from './time/step.ts'
import { FIRST_MOMENT } from './time/timestamp.ts'

/** How often core looks again when other processes replace the same records meanwhile. */
const ATTEMPTS = 5

/**
 * Opens the store and holds its records against the configuration; `signal` ends what nobody waits for any more.
 * @throws KAIROS_CONFIG_CHANGED where the store holds live data of another configuration
 */
export async function openStore(
  driver: StorageDriver,
  settings: Settings,
  retention: Retention,
  signal: AbortSignal,
): Promise<CellStore> {
  const schema = schemaOf(settings, retention)
  const open = (options?: OpenOptions): Promise<OpenedStore> =>
    callStore(driver.id, 'open', () => driver.open(schema, options), signal)
  let { store, records } = await open()
  for (let attempt = 1; ; attempt++) {
    const changed = differences(settings, records)
    if (changed === null) return store
    if (attempt > ATTEMPTS || (await holdsLiveData(driver.id, store, settings, changed, retention.now(), signal)))
      throw configChanged(settings, driver.id, changed)
    ;({ store, records } = await open({ replace: changed }))
  }
}

/** Whether any of the records covers a live cell. */
async function holdsLiveData(
  driver: string,
  store: CellStore,
  settings: Settings,
  changed: Partial<Records>,
  now: number,
  signal: AbortSignal,
): Promise<boolean> {
  const oldest = dictionary(
    Object.entries(changed.intervals ?? {}).map(([name, record]) => [
      name,
      oldestThatMatters(settings, name, record, now),
    ]),
  )
  const names = await callStore(driver, 'open', () => store.names(oldest), signal)
  return names.length > 0
}

function schemaOf(settings: Settings, retention: Retention): StoreSchema {
  return {
    type: settings.type,
    valueType: settings.valueType ?? 'float',
    record: settings.record,
    intervals: dictionary(settings.intervals.map((interval) => [interval.name, intervalSchemaOf(interval, retention)])),
  }
}

function intervalSchemaOf(interval: Interval, retention: Retention): IntervalSchema {
  const { buckets, resolution, fanOut, record } = interval
  return {
    record,
    fine: resolution !== null,
    fanOut,
    resolutionRange(bucket) {
      if (resolution === null) return { first: 0, last: 0 }
      return {
        first: resolution.bucketOf(buckets.startOf(bucket)),
        last: resolution.bucketOf(buckets.startOf(shiftBucket(buckets, bucket, 1)) - 1),
      }
    },
    expiresAt: (bucket) => retention.expiresAt(interval, bucket),
  }
}

/** The records, as they stand, that say something else than the configuration; null: none. */
function differences(settings: Settings, records: Records): Partial<Records> | null {
  if (records.schema !== settings.record) return records
  const changed = settings.intervals.filter(({ name, record }) => records.intervals[name] !== record)
  return changed.length === 0
    ? null
    : { intervals: dictionary(changed.map(({ name }) => [name, records.intervals[name] ?? ''])) }
}

/**
 * From which recorded bucket on data count as live, where the configuration now says another step. The record does not tell how many were
 * kept; what counts is whether the new configuration still spans the time: nothing that it would show is ever thrown away.
 */
function oldestThatMatters(settings: Settings, name: string, record: string, now: number): number {
  const configured = settings.intervals.find((interval) => interval.name === name)
  const recorded = parseIntervalRecord(record)
  if (configured === undefined || recorded === null) return ALWAYS
  const oldestLive = oldestLiveBucket(configured, now)
  return oldestLive === ALWAYS
    ? ALWAYS
    : calculatorOf(recorded.step).bucketOf(Math.max(configured.buckets.startOf(oldestLive), FIRST_MOMENT))
}

function configChanged(settings: Settings, driver: string, recorded: Partial<Records>): KairosError {
  const intervals = Object.keys(recorded.intervals ?? {}).flatMap((name) => {
    const configured = settings.intervals.find((interval) => interval.name === name)
    return configured === undefined ? [] : [[name, configured.record] as const]
  })
  const configured: Partial<Records> = {
    ...(recorded.schema !== undefined && { schema: settings.record }),
    intervals: dictionary(intervals),
  }
  return new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the ${driver} store holds data of another configuration: ${changesIn(recorded, configured)}; ` +
      'use another prefix or table, or move the data first',
    { driver, recorded, configured },
  )
}

/** `interval "minute" was {"step":60} and is {"step":300}`, of each record that changed. */
function changesIn(recorded: Partial<Records>, configured: Partial<Records>): string {
  const schema = recorded.schema === undefined ? [] : [`it was ${recorded.schema} and is ${configured.schema}`]
  const intervals = Object.entries(recorded.intervals ?? {})
    .map(([name, was]) => ({ name, was, is: configured.intervals?.[name] }))
    .filter(({ was, is }) => is !== undefined && is !== was)
    .map(({ name, was, is }) => `interval ${describe(name)} was ${was} and is ${is}`)
  return [...schema, ...intervals].join(', ')
}
