import type { ServerTimeseriesConfig } from './types.ts'

const intervals = {
  minute: { step: '1min', steps: 7 * 24 * 60 },
  hour: { step: '1h', steps: 2 * 365 * 24 },
} as const

/** The store of a configuration without any. */
export const DEFAULT_STORES: Readonly<Record<string, string>> = { kairos: 'sqlite:kairos.db' }

/** The timeseries of a configuration without any: one for each kind of value that programs send. */
export const DEFAULT_TIMESERIES: Readonly<Record<string, ServerTimeseriesConfig>> = {
  metrics: { type: 'summary', intervals, match: '**', takes: ['value'] },
  counts: { type: 'count', intervals, match: '**', takes: ['count'] },
  timings: { type: 'distribution', intervals, match: '**', takes: ['timing'] },
  gauges: { type: 'gauge', intervals, match: '**', takes: ['gauge'] },
  members: { type: 'unique', intervals, match: '**', takes: ['member'] },
}
