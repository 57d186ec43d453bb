import type { TimeseriesType } from '../contract/cells.ts'
import type { Arithmetic, ValueKind } from '../values/value-kinds.ts'
import { isPercentile, PERCENTILES, type Percentile } from './percentile-name.ts'

/** What any values have. */
export type CountedTransform = 'count' | 'rate' | 'distinct'
/** What values with an order have. */
export type OrderedTransform = CountedTransform | 'min' | 'max' | Percentile
/** What numbers have. */
export type NumericTransform = OrderedTransform | 'sum' | 'mean' | 'range' | 'stddev' | 'variance'
/** What the order of arrival adds, which only a series keeps. */
export type ArrivalTransform = 'first' | 'last'

/** What a summary has. */
export type SummaryTransform = 'count' | 'rate' | 'sum' | 'mean' | 'min' | 'max' | 'range' | 'last'
/** What a distribution has. */
export type DistributionTransform = Exclude<SummaryTransform, 'last'> | Percentile

/** A built-in transform. Which of them a timeseries has follows from its type and its values. */
export type TransformName = NumericTransform | ArrivalTransform
/** Those that are listed by name. */
type ListedTransform = Exclude<TransformName, Percentile>

/** The least that values must be for a transform. */
const NEEDED: Readonly<Record<ListedTransform, Arithmetic>> = {
  count: 'counted',
  rate: 'counted',
  distinct: 'counted',
  first: 'counted',
  last: 'counted',
  min: 'ordered',
  max: 'ordered',
  sum: 'numeric',
  mean: 'numeric',
  range: 'numeric',
  stddev: 'numeric',
  variance: 'numeric',
}
const LISTED = Object.keys(NEEDED) as readonly ListedTransform[]
const BY_ARRIVAL: readonly string[] = ['first', 'last'] satisfies ArrivalTransform[]
/** Each has all that those before it have. */
const ARITHMETICS: readonly Arithmetic[] = ['counted', 'ordered', 'numeric']

/** What values must be for this transform. */
export function arithmeticFor(name: TransformName): Arithmetic {
  return Object.hasOwn(NEEDED, name) ? NEEDED[name as ListedTransform] : 'ordered'
}

/** Whether values of this arithmetic have what the other has. */
export function hasArithmetic(arithmetic: Arithmetic, needed: Arithmetic): boolean {
  return ARITHMETICS.indexOf(arithmetic) >= ARITHMETICS.indexOf(needed)
}

/**
 * The built-in transforms of a type and its values; all percentiles as one. `kind` is null if the caller's functions make the values: then the
 * values themselves decide later.
 */
export function knownTransforms(type: TimeseriesType, kind: ValueKind | null): readonly string[] {
  if (type === 'gauge') return []
  if (type === 'count') return ['rate']
  return transformsOf(kind?.arithmetic ?? 'numeric', type === 'series')
}

/** The built-in transforms of such values, of which it may be known in which order they arrived. */
export function transformsOf(arithmetic: Arithmetic, inOrder: boolean): readonly string[] {
  const listed = LISTED.filter(
    (name) => hasArithmetic(arithmetic, NEEDED[name]) && (inOrder || !BY_ARRIVAL.includes(name)),
  )
  return hasArithmetic(arithmetic, 'ordered') ? [...listed, PERCENTILES] : listed
}

/** Whether the list, which may have all percentiles as one, has this name. */
export function isKnown(name: unknown, known: readonly string[]): name is TransformName {
  if (typeof name !== 'string' || name === PERCENTILES) return false
  return known.includes(name) || (known.includes(PERCENTILES) && isPercentile(name))
}
