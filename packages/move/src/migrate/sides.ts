import {
  type CheckedConfig,
  configOf,
  createRetention,
  type Interval,
  type Retention,
  type Settings,
  settingsOf,
} from '@kairos/core/calls'

/** One side of a migration. */
export interface Side {
  readonly config: CheckedConfig
  readonly settings: Settings
  readonly retention: Retention
  /** Where the first bucket begins that is live after this many seconds, in Unix seconds; -Infinity where all are. */
  firstLive(interval: Interval, after?: number): number
}

/** @throws KAIROS_INVALID_CONFIG for what is not a timeseries, or not read like one */
export async function sideOf(timeseries: unknown): Promise<Side> {
  const config = configOf(timeseries)
  const settings = await settingsOf(config)
  const retention = createRetention(settings)
  return {
    config,
    settings,
    retention,
    firstLive({ name, steps, buckets }, after = 0) {
      if (steps === null) return Number.NEGATIVE_INFINITY
      return buckets.startOf(retention.oldestLive(retention.now() + after)[name]!)
    },
  }
}

/** The intervals of a side as if they had no resolution. */
export async function coarseIntervals({ config }: Side): Promise<readonly Interval[]> {
  const intervals = config.intervals.map((interval) => ({ ...interval, resolution: null }))
  return (await settingsOf({ ...config, intervals })).intervals
}
