import type { StepOptions } from './calls/attempts.ts'
import type { OnRetry } from './calls/patience.ts'
import { callStore } from './calls/retry.ts'
import type {
  CellStore,
  IntervalSchema,
  OldestLive,
  OpenedStore,
  OpenOptions,
  Records,
  StorageDriver,
  StoreSchema,
} from './contract/cells.ts'
import { KairosError } from './errors.ts'
import { describe } from './internal/describe.ts'
import { isKnownSchema, recordedStep } from './records.ts'
import { ALWAYS, oldestLiveBucket, type Retention } from './retention.ts'
import type { Interval, Settings } from './settings.ts'
import { shiftBucket } from './time/calculator.ts'
import { calculatorOf } from './time/step.ts'
import { FIRST_MOMENT } from './time/timestamp.ts'
import { dictionary } from './toolkit/dictionary.ts'

/** How often core tries again when other processes replace the same records meanwhile. */
const ATTEMPTS = 5

/**
 * Opens the store and compares its records with the configuration: the store replaces those that differ and cover no live cell.
 * `ended` ends work that nothing waits for any more; `onRetry` receives failures.
 * @throws KAIROS_CONFIG_CHANGED where the store holds live data of another configuration
 */
export async function openStore(
  driver: StorageDriver,
  settings: Settings,
  retention: Retention,
  ended: AbortSignal,
  onRetry: OnRetry,
): Promise<CellStore> {
  const { patience } = settings
  const step: StepOptions = { driver: driver.id, operation: 'open', signal: ended, patience, unbounded: true, onRetry }
  const schema = schemaOf(settings, retention)
  const open = (options?: OpenOptions): Promise<OpenedStore> => callStore(() => driver.open(schema, options), step)
  let { store, records, clock } = await open()
  if (clock !== undefined) retention.meet(driver.id, clock)
  for (let attempt = 1; ; attempt++) {
    const changed = differences(settings, records)
    if (changed === null) return store
    checkKnown(settings, driver.id, changed)
    const oldestLive = oldestLiveOf(settings, records, retention.now())
    if (attempt > ATTEMPTS) throw configChanged(settings, driver.id, changed)
    ;({ store, records } = await open({ replace: changed, oldestLive }))
    const left = differences(settings, records)
    if (left !== null && standsIn(records, changed)) throw configChanged(settings, driver.id, left)
  }
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
    hasResolution: resolution !== null,
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

/** The current records that differ from the configuration; null: none. */
function differences(settings: Settings, records: Records): Partial<Records> | null {
  if (records.schema !== settings.record) return records
  const changed = settings.intervals.filter(({ name, record }) => records.intervals[name] !== record)
  return changed.length === 0
    ? null
    : { intervals: dictionary(changed.map(({ name }) => [name, records.intervals[name] ?? ''])) }
}

/** Whether any of the records to be replaced is still there, because it covers a live cell. */
function standsIn(records: Records, { schema, intervals = {} }: Partial<Records>): boolean {
  if (schema !== undefined) return records.schema === schema
  return Object.entries(intervals).some(([name, record]) => records.intervals[name] === record)
}

/** The oldest live bucket of each recorded interval. */
function oldestLiveOf(settings: Settings, { intervals }: Records, now: number): OldestLive {
  return dictionary(
    Object.entries(intervals).map(([name, record]) => [name, oldestThatMatters(settings, name, record, now)]),
  )
}

/**
 * The oldest recorded bucket that counts as live under a new step. The record does not say how many buckets were kept, so what counts is whether
 * the new configuration still covers the time: nothing that it would show is ever deleted.
 */
function oldestThatMatters(settings: Settings, name: string, record: string, now: number): number {
  const configured = settings.intervals.find((interval) => interval.name === name)
  const step = recordedStep(record)
  if (configured === undefined || step === null) return ALWAYS
  const oldestLive = oldestLiveBucket(configured, now)
  return oldestLive === ALWAYS
    ? ALWAYS
    : calculatorOf(step).bucketOf(Math.max(configured.buckets.startOf(oldestLive), FIRST_MOMENT))
}

/** This version cannot interpret the records of a later one, and never replaces them. */
function checkKnown(settings: Settings, driver: string, recorded: Partial<Records>): void {
  const { schema, intervals = {} } = recorded
  const unknown = Object.entries(intervals).filter(([, record]) => recordedStep(record) === null)
  if (unknown.length === 0 && (schema === undefined || isKnownSchema(schema))) return
  const texts = [
    ...(schema === undefined || isKnownSchema(schema) ? [] : [schema]),
    ...unknown.map(([name, record]) => `interval ${describe(name)}: ${record}`),
  ]
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `the ${driver} store holds a configuration that this version of @kairos/core does not know: ${texts.join(', ')}; ` +
      'use the version that wrote it, or another prefix or table',
    { driver, recorded, configured: configuredBeside(settings, recorded) },
  )
}

/** The configured counterparts of these records. */
function configuredBeside(settings: Settings, { schema, intervals = {} }: Partial<Records>): Partial<Records> {
  const configured = settings.intervals.filter(({ name }) => Object.hasOwn(intervals, name))
  return {
    ...(schema !== undefined && { schema: settings.record }),
    intervals: dictionary(configured.map(({ name, record }) => [name, record])),
  }
}

function configChanged(settings: Settings, driver: string, recorded: Partial<Records>): KairosError {
  const configured = configuredBeside(settings, recorded)
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
