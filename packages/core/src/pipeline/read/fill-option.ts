import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { isFunction, isObject } from '../../internal/kinds.ts'
import { didYouMean, nearMiss } from '../../internal/near-miss.ts'
import type { Interval, Settings } from '../../settings.ts'
import type { Fields } from '../call-options.ts'

/** What buckets without data show. */
export interface Fill {
  /** `'none'`: nothing, the entry is left out. */
  readonly by: 'none' | 'previous' | 'linear' | number | null
  /** How many buckets without data in a row are filled by their neighbours. */
  readonly maxGap: number
}

/** The stages of a read, as far as they matter here. */
interface Stages {
  readonly fields: Fields
  readonly interval: Interval
  readonly processRow: unknown
  readonly joinRows: unknown
  readonly condense: unknown
  readonly collapse: unknown
}

const WAYS = ['none', 'previous', 'linear'] as const
/** Those that look at other buckets. */
const BY_NEIGHBOURS: readonly unknown[] = ['previous', 'linear']

/**
 * The options `fill` and `maxGap` of a read.
 * @throws KAIROS_INVALID_CONFIG
 */
export function fillOf(settings: Settings, plan: Stages): Fill | undefined {
  const { fill, maxGap } = plan.fields
  if (maxGap !== undefined && !BY_NEIGHBOURS.includes(fill))
    throw invalidOption('maxGap', "maxGap must be used with fill: 'previous' or 'linear', which it limits")
  if (fill === undefined) return undefined
  if (!isFill(fill)) {
    const near = typeof fill === 'string' ? nearMiss(fill, WAYS) : undefined
    throw invalidOption(
      'fill',
      `fill must be 'none', 'previous', 'linear', null or a finite number, not ${describe(fill)}${didYouMean(near)}`,
    )
  }
  if (plan.collapse !== undefined)
    throw invalidOption('fill', 'fill must be left out with collapse, which makes one entry of the whole range')
  if (plan.interval.resolution !== null && plan.condense === undefined)
    throw invalidOption(
      'fill',
      `fill must be used where the result is flat, not with the resolution buckets of ${describe(plan.interval.name)}; use condense or every`,
    )
  if (fill === 'linear') checkNumbers(settings, plan)
  return { by: fill, maxGap: maxGapOf(maxGap) }
}

function isFill(fill: unknown): fill is Fill['by'] {
  return fill === null || Number.isFinite(fill) || (WAYS as readonly unknown[]).includes(fill)
}

function maxGapOf(maxGap: unknown): number {
  if (maxGap === undefined) return Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(maxGap) && (maxGap as number) >= 1) return maxGap as number
  throw invalidOption('maxGap', `maxGap must be a whole number of buckets from 1, not ${describe(maxGap)}`)
}

/** What can be known before anything is read; the values that functions return are checked when they are there. */
function checkNumbers({ type, kind, readFunc }: Settings, { fields, processRow, joinRows, condense }: Stages): void {
  const { transform } = fields
  if (transform === undefined) {
    if ([readFunc, processRow, joinRows, condense].some(isFunction)) return
    if (type === 'count' || type === 'unique' || (type === 'gauge' && kind?.arithmetic === 'numeric' && !kind.bigint))
      return
  } else if (typeof transform === 'string' || isFunction(transform) || !isObject(transform)) return
  throw noNumber(transform === undefined ? `a ${type}` : 'an object of transforms')
}

/** The error of a result that `fill: 'linear'` cannot use. */
export function noNumber(found: string): Error {
  return invalidOption(
    'fill',
    `fill: 'linear' must be used where the result is a number, not ${found}; use a transform that makes one`,
  )
}
