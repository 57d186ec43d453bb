import type { OnRetry } from './calls/patience.ts'
import type { TimeseriesType } from './contract/cells.ts'
import { compareCodeUnits } from './internal/order.ts'
import { intervalRecord, schemaRecord } from './records.ts'
import type { Calculator } from './time/calculator.ts'
import { relativeCalculator } from './time/relative.ts'
import { nestedResolution, type Resolution } from './time/resolution.ts'
import type { Step } from './time/step.ts'
import { harmless } from './toolkit/harmless.ts'
import { type SketchSettings, types } from './types/index.ts'
import type { TypeRules } from './types/rules.ts'
import type { ValueKind } from './values/value-kinds.ts'
import type { ValueType } from './values/value-types.ts'

/** A checked configuration. */
export interface CheckedConfig extends SketchSettings {
  /** Where it lives, beside its type; undefined: where timeseries without a name do. */
  readonly name: string | undefined
  readonly type: TimeseriesType
  /** Of calendar steps that name none, and of what is read in other steps; undefined: UTC. */
  readonly zone: string | undefined
  /** Null for types of numbers, which have none: count, summary, distribution. */
  readonly valueType: ValueType | null
  readonly intervals: readonly CheckedInterval[]
  readonly readFunc: ((value: unknown) => unknown) | undefined
  readonly writeFunc: ((value: unknown) => unknown) | undefined
  readonly clientConfig: object | undefined
  readonly now: (() => number) | undefined
  /** In milliseconds, for each step of a call; undefined: the default. */
  readonly patience: number | undefined
  readonly onRetry: OnRetry | undefined
  /** Whether expired cells are swept beside writes, where the store does not expire by itself. */
  readonly sweep: boolean
  /** That names given as objects may have; undefined: any. */
  readonly labels: readonly string[] | undefined
}

/** One interval of a checked configuration. */
export interface CheckedInterval {
  readonly name: string
  readonly step: Step
  /** Null in a coarse interval. */
  readonly resolution: Step | null
  /** Where the days of a calendar's step begin: a zone that the engine knows, and seconds after midnight. */
  readonly zone: string
  readonly offset: number
  /** How many buckets are kept; null: all. */
  readonly steps: number | null
}

/** A checked configuration with the code that its type, its values and its steps need. */
export interface Settings extends Omit<CheckedConfig, 'intervals'> {
  readonly rules: TypeRules
  /** Null where there is no valueType: values are numbers. */
  readonly kind: ValueKind | null
  /** In the order of their names' code units: the order that batches are written in. */
  readonly intervals: readonly Interval[]
  /** Type, valueType, accuracy and precision, as stores record them. */
  readonly record: string
}

/** One interval of a configuration with the code that its steps need. */
export interface Interval extends Omit<CheckedInterval, 'step' | 'resolution'> {
  readonly buckets: Calculator
  /** The step of the resolution or, in a coarse interval, of the buckets. */
  readonly finest: Step
  /** Null in a coarse interval. */
  readonly resolution: Resolution | null
  readonly fanOut: number
  /** Step, resolution, zone and offset, as stores record them. */
  readonly record: string
}

/**
 * Loads what this configuration needs, and nothing that others do: a count of minutes has no calendar and no values.
 * @example `const { rules, intervals } = await settingsOf(configOf(views))`
 */
export async function settingsOf(config: CheckedConfig): Promise<Settings> {
  const { type, valueType, intervals } = config
  const [rules, kind, spansOf] = await Promise.all([
    types[type](config),
    valueType === null ? null : import('./values/value-kinds.ts').then(({ valueKinds }) => valueKinds[valueType]),
    loadSpans(intervals),
  ])
  return {
    ...config,
    rules,
    kind,
    onRetry: harmless('onRetry', config.onRetry),
    record: schemaRecord(config),
    intervals: [...intervals].sort(byName).map((interval) => {
      const spans = spansOf(interval)
      const finest = interval.resolution ?? interval.step
      return { ...interval, ...spans, finest, record: intervalRecord({ ...interval, zone: spans.zone }) }
    }),
  }
}

function byName(one: CheckedInterval, other: CheckedInterval): number {
  return compareCodeUnits(one.name, other.name)
}

type SpansOf = (interval: CheckedInterval) => Pick<Interval, 'buckets' | 'resolution' | 'fanOut' | 'zone'>

async function loadSpans(intervals: readonly CheckedInterval[]): Promise<SpansOf> {
  const isRelative = ({ step, resolution }: CheckedInterval): boolean =>
    typeof step === 'number' && typeof resolution !== 'string'
  if (intervals.every(isRelative)) return relativeSpans
  const { spansOf } = await import('./time/calculators.ts')
  return spansOf
}

function relativeSpans({ step, resolution, zone }: CheckedInterval): ReturnType<SpansOf> {
  const [seconds, part] = [step, resolution] as readonly [number, number | null]
  const buckets = relativeCalculator(seconds)
  if (part === null) return { buckets, resolution: null, fanOut: 1, zone }
  return { buckets, resolution: nestedResolution(relativeCalculator(part)), fanOut: seconds / part, zone }
}

/** Where a bucket starts, and its resolution bucket in an interval with a resolution, in Unix seconds. */
export function startsOfCell(
  { buckets, resolution }: Interval,
  bucket: number,
  resolutionBucket: number,
): { readonly start: number; readonly resolutionStart?: number } {
  const start = buckets.startOf(bucket)
  return resolution === null
    ? { start }
    : { start, resolutionStart: resolution.startOf(resolution.keyOf(bucket, resolutionBucket)) }
}
