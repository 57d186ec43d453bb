import type { StepOptions } from './calls/attempts.ts'
import type { OnRetry } from './calls/patience.ts'
import { callStore } from './calls/retry.ts'
import type {
  CellStore,
  IntervalSchema,
  OpenedStore,
  OpenOptions,
  StorageDriver,
  StoreSchema,
  TimeseriesType,
} from './contract/cells.ts'
import { checkPromises } from './drivers/check-promises.ts'
import { intervalFacts, schemaFacts } from './facts.ts'
import { differences } from './recorded.ts'
import type { Retention } from './retention.ts'
import type { Interval, Settings } from './settings.ts'
import { dictionary } from './toolkit/dictionary.ts'

/**
 * Opens the store and compares its records with the configuration: the store replaces those that differ and cover no live cell.
 * `ended` ends work that nothing waits for any more; `onRetry` receives failures.
 * @throws KAIROS_CONFIG_CHANGED where the store holds live data of another configuration, KAIROS_INVALID_CONFIG for a driver whose store has not
 * what its capabilities promise
 */
export async function openStore(
  driver: StorageDriver,
  settings: Settings,
  retention: Retention,
  ended: AbortSignal,
  onRetry: OnRetry,
): Promise<CellStore> {
  const { patience } = settings
  const step: StepOptions = {
    driver: driver.id,
    operation: 'open',
    timeseries: settings.name,
    signal: ended,
    patience,
    unbounded: true,
    onRetry,
  }
  const schema = schemaOf(settings, retention)
  async function open(options?: OpenOptions): Promise<OpenedStore> {
    const opened = await callStore(() => driver.open(schema, options), step)
    checkPromises(driver, opened.store, settings.type)
    return opened
  }
  const { store, records, clock } = await open()
  if (clock !== undefined) retention.meet(driver.id, clock)
  const changed = differences(settings, records)
  if (changed === null) return store
  const { replaceRecords } = await import('./replacing.ts')
  return replaceRecords(driver.id, settings, retention, { records, changed }, open)
}

function schemaOf(settings: Settings, retention: Retention): StoreSchema<TimeseriesType> {
  return {
    ...(settings.name !== undefined && { name: settings.name }),
    type: settings.type,
    valueType: settings.valueType ?? (settings.type === 'distribution' ? 'int' : 'float'),
    record: settings.record,
    facts: schemaFacts(),
    intervals: dictionary(settings.intervals.map((interval) => [interval.name, intervalSchemaOf(interval, retention)])),
  }
}

function intervalSchemaOf(interval: Interval, retention: Retention): IntervalSchema {
  const { buckets, resolution, fanOut, record, steps } = interval
  return {
    record,
    facts: intervalFacts(steps),
    hasResolution: resolution !== null,
    fanOut,
    resolutionRange(bucket) {
      if (resolution === null) return { first: 0, last: 0 }
      return {
        first: resolution.stored(bucket, resolution.bucketOf(buckets.startOf(bucket))),
        last: resolution.stored(bucket, resolution.bucketOf(buckets.endOf(bucket) - 1)),
      }
    },
    expiresAt: (bucket) => retention.expiresAt(interval, bucket),
  }
}
