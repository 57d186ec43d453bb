import {
  type CheckedConfig,
  configOf,
  createRetention,
  type Interval,
  type Settings,
  settingsOf,
} from '@kairos/core/calls'
import { describe, invalidOption } from '@kairos/core/driver'
import type { AnyTimeseries, CellSource } from '../cells/source.ts'
import type { MigrateOptions, MigrationNote, PlannedInterval } from './types.ts'

/** One side of a migration. */
interface Side {
  readonly config: CheckedConfig
  readonly settings: Settings
  /** Its clock, in Unix seconds. */
  now(): number
  /** Where the first bucket begins that is live after so many seconds, in Unix seconds; -Infinity where all are. */
  firstLive(interval: Interval, after?: number): number
}

/** How an interval of the target is filled. */
export interface Route {
  readonly target: Interval
  readonly source: Interval
  readonly how: PlannedInterval['how']
}

/** All that is known before anything is read. */
export interface Routes {
  readonly source: Side
  readonly target: Side
  readonly routes: readonly Route[]
  readonly notes: readonly MigrationNote[]
}

/**
 * Finds what each interval of the target is filled from.
 * @throws KAIROS_INVALID_CONFIG where the source has nothing that serves
 */
export async function findRoutes(
  from: CellSource,
  to: AnyTimeseries,
  { intervals }: Pick<MigrateOptions, 'intervals'>,
): Promise<Routes> {
  const [source, target] = await Promise.all([sideOf(from), sideOf(to)])
  checkSameValues(source.settings, target.settings)
  const wanted = chosenIntervals(target.settings, intervals)
  const routes = wanted.map((interval) => routeTo(interval, source))
  return { source, target, routes, notes: [...leftOf(source, routes), ...shorterOf(source, target, routes)] }
}

async function sideOf(timeseries: unknown): Promise<Side> {
  const config = configOf(timeseries)
  const settings = await settingsOf(config)
  const retention = createRetention(settings)
  return {
    config,
    settings,
    now: retention.now,
    firstLive({ name, steps, buckets }, after = 0) {
      if (steps === null) return Number.NEGATIVE_INFINITY
      return buckets.startOf(retention.oldestLive(retention.now() + after)[name]!)
    },
  }
}

function checkSameValues(source: Settings, target: Settings): void {
  if (source.record === target.record) return
  throw invalidOption({
    path: 'target',
    expected: `a timeseries of ${shownRecord(source)}, as the source is`,
    value: shownRecord(target),
  })
}

function shownRecord({ type, valueType, accuracy, precision }: Settings): string {
  const parts = [valueType, accuracy === null ? null : `accuracy ${accuracy}`, precision && `precision ${precision}`]
  const shown = parts.filter((part) => part !== null)
  return shown.length === 0 ? type : `${type} (${shown.join(', ')})`
}

function chosenIntervals({ intervals }: Settings, names: readonly string[] | undefined): readonly Interval[] {
  if (names === undefined) return intervals
  const known = intervals.map(({ name }) => name)
  const isList = Array.isArray(names) && names.length > 0
  if (!isList || names.some((name) => !known.includes(name)))
    throw invalidOption({ path: 'intervals', expected: `a list of ${known.join(', ')}`, value: names })
  return intervals.filter(({ name }) => names.includes(name))
}

function routeTo(target: Interval, { settings }: Side): Route {
  const same = settings.intervals.filter(({ record }) => record === target.record)
  const source = same.find(({ name }) => name === target.name) ?? same[0]
  if (source !== undefined) return { target, source, how: 'copied' }
  throw invalidOption({
    path: `intervals.${target.name}`,
    expected: 'an interval that the source has',
    value: target.name,
    remedy: '`intervals` leaves it out',
  })
}

function leftOf({ settings }: Side, routes: readonly Route[]): MigrationNote[] {
  return settings.intervals
    .filter((interval) => routes.every(({ source }) => source !== interval))
    .map(({ name }) => ({
      reason: 'left',
      interval: name,
      text: `${describe(name)} of the source is not carried`,
    }))
}

function shorterOf(source: Side, target: Side, routes: readonly Route[]): MigrationNote[] {
  return routes
    .filter((route) => target.firstLive(route.target) > source.firstLive(route.source))
    .map(({ target: { name, steps }, source: from }) => ({
      reason: 'retention',
      interval: name,
      text: `${describe(name)} keeps ${steps} buckets, fewer than ${describe(from.name)} of the source: what is older is not carried`,
    }))
}
