import type { TimeseriesType } from '../contract/cells.ts'
import type { TypeRules } from './rules.ts'

/** What the rules of some types depend on; null where a type does not have it. */
export interface SketchSettings {
  /** Of a distribution: how far its values may be from the true ones, relatively. */
  readonly accuracy: number | null
  /** Of a unique: how many bits of a hash choose the register. */
  readonly precision: number | null
}

/** The types, each loaded by the first timeseries that needs it. */
export const types: Readonly<Record<TimeseriesType, (settings: SketchSettings) => Promise<TypeRules>>> = {
  series: async () => (await import('./series.ts')).series,
  histogram: async () => (await import('./histogram.ts')).histogram,
  count: async () => (await import('./count.ts')).count,
  gauge: async () => (await import('./gauge.ts')).gauge,
  set: async () => (await import('./set.ts')).set,
  summary: async () => (await import('./summary.ts')).summary,
  distribution: async ({ accuracy }) => (await import('./distribution.ts')).distributionOf(accuracy!),
  unique: async ({ precision }) => (await import('./unique.ts')).uniqueOf(precision!),
}
