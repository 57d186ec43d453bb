import type { CellStore, OldestLive, OpenedStore, OpenOptions, Records } from './contract/cells.ts'
import { KairosError } from './errors.ts'
import { describe } from './internal/describe.ts'
import { differences, isKnownSchema, recordedInterval } from './recorded.ts'
import { ALWAYS, oldestLiveBucket, type Retention } from './retention.ts'
import type { Settings } from './settings.ts'
import { spansOf } from './time/calculators.ts'
import { FIRST_MOMENT } from './time/timestamp.ts'
import { dictionary } from './toolkit/dictionary.ts'

/** How often core tries again when other processes replace the same records meanwhile. */
const ATTEMPTS = 5

/** What a store was opened with, and which of its records differ from the configuration. */
interface Found {
  readonly records: Records
  readonly changed: Partial<Records>
}

/**
 * Has the store replace the records that differ and cover no live cell.
 * @throws KAIROS_CONFIG_CHANGED where the store holds live data of another configuration, or one that this version does not know
 */
export async function replaceRecords(
  driver: string,
  settings: Settings,
  retention: Retention,
  found: Found,
  open: (options: OpenOptions) => Promise<OpenedStore>,
): Promise<CellStore> {
  let { records, changed } = found
  for (let attempt = 1; ; attempt++) {
    checkKnown(settings, driver, changed)
    const oldestLive = oldestLiveOf(settings, records, retention.now())
    if (attempt > ATTEMPTS) throw configChanged(settings, driver, changed)
    const opened = await open({ replace: changed, oldestLive })
    records = opened.records
    const left = differences(settings, records)
    if (left === null) return opened.store
    if (standsIn(records, changed)) throw configChanged(settings, driver, left)
    changed = left
  }
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
  const recorded = recordedInterval(record)
  if (configured === undefined || recorded === null) return ALWAYS
  const oldestLive = oldestLiveBucket(configured, now)
  return oldestLive === ALWAYS
    ? ALWAYS
    : spansOf(recorded).buckets.bucketOf(Math.max(configured.buckets.startOf(oldestLive), FIRST_MOMENT))
}

/** This version cannot interpret the records of a later one, and never replaces them. */
function checkKnown(settings: Settings, driver: string, recorded: Partial<Records>): void {
  const { schema, intervals = {} } = recorded
  const unknown = Object.entries(intervals).filter(([, record]) => recordedInterval(record) === null)
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
