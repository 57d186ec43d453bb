import type { TimeseriesType } from '../contract/cells.ts'
import type { TypeRules } from './rules.ts'

/** The types, each loaded by the first timeseries that needs it. */
export const types: Readonly<Record<TimeseriesType, () => Promise<TypeRules>>> = {
  series: async () => (await import('./series.ts')).series,
  histogram: async () => (await import('./histogram.ts')).histogram,
  count: async () => (await import('./count.ts')).count,
  gauge: async () => (await import('./gauge.ts')).gauge,
  set: async () => (await import('./set.ts')).set,
}
