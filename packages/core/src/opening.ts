import { parseIntervalRecord } from './config.ts'
import type { CellStore, IntervalSchema, Records, StorageDriver, StoreSchema } from './contract.ts'
import { KairosError } from './errors.ts'
import { describe } from './internal/describe.ts'
import { callStore } from './pipeline/retry.ts'
import { dictionary, type Retention } from './retention.ts'
import type { Interval, Settings } from './settings.ts'
import { shiftBucket } from './time/calculator.ts'
import { calculatorOf } from './time/step.ts'

/** How often core looks again when other processes replace the same records meanwhile. */
const ATTEMPTS = 5

/**
 * Opens the store and holds its records against the configuration.
 * @throws KAIROS_CONFIG_CHANGED where the store holds live data of another configuration
 */
export async function openStore(driver: StorageDriver, settings: Settings, retention: Retention): Promise<CellStore> {
  const schema = schemaOf(settings, retention)
  let opened = await callStore(driver.id, 'open', () => driver.open(schema), undefined)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed = differences(settings, opened.records)
    if (changed === null) return opened.store
    const { store } = opened
    const oldest = oldestThatMatter(settings, opened.records, changed, retention.now())
    const names = await callStore(driver.id, 'open', () => store.names(oldest), undefined)
    if (names.length > 0) throw configChanged(settings, driver.id, changed)
    opened = await callStore(driver.id, 'open', () => driver.open(schema, { replace: changed }), undefined)
  }
  throw configChanged(settings, driver.id, differences(settings, opened.records) ?? {})
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
function oldestThatMatter(
  settings: Settings,
  records: Records,
  changed: Partial<Records>,
  now: number,
): Readonly<Record<string, number>> {
  const oldest = new Map<string, number>()
  for (const name of Object.keys(changed.intervals ?? {})) {
    const configured = settings.intervals.find((interval) => interval.name === name)
    const recorded = parseIntervalRecord(records.intervals[name] ?? '')
    oldest.set(name, oldestRecorded(configured, recorded, now))
  }
  return dictionary(oldest)
}

function oldestRecorded(
  configured: Interval | undefined,
  recorded: ReturnType<typeof parseIntervalRecord>,
  now: number,
): number {
  if (configured === undefined || configured.steps === null || recorded === null) return Number.MIN_SAFE_INTEGER
  const { buckets, steps } = configured
  const horizon = buckets.startOf(shiftBucket(buckets, buckets.bucketOf(now), 1 - steps))
  return calculatorOf(recorded.step).bucketOf(horizon)
}

function configChanged(settings: Settings, driver: string, changed: Partial<Records>): KairosError {
  const recorded: Record<string, string> =
    changed.schema === undefined ? { ...changed.intervals } : { schema: changed.schema, ...changed.intervals }
  const configured: Record<string, string> = {}
  for (const key of Object.keys(recorded)) {
    const now = settings.intervals.find(({ name }) => name === key)?.record
    if (now !== undefined) configured[key] = now
  }
  if (changed.schema !== undefined) configured.schema = settings.record
  return new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the ${driver} store holds data of another configuration: recorded ${describe(JSON.stringify(recorded))}, configured ${describe(JSON.stringify(configured))}; ` +
      'use another prefix or table, or move the data first',
    { driver, recorded, configured },
  )
}
