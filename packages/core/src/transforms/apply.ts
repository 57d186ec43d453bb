import { isMap } from '../internal/collections.ts'
import { withJson } from '../internal/json.ts'
import { distinct } from './distinct.ts'
import type { TransformName } from './names.ts'
import { extreme, orderOf } from './order.ts'
import { percentile } from './percentile.ts'
import { isPercentile, shareOf } from './percentile-name.ts'
import { range, stddev, variance } from './spread.ts'
import { mean, sum, totalTimes } from './sums.ts'
import { unknownTransform } from './unknown.ts'
import { checkValues, type Values } from './values.ts'
import { present, type Visit, visitorOf, wrongShape } from './visit.ts'

/** Makes something of one piece of data; `seconds` is the time that it covers. */
export type Transform = (data: unknown, seconds: number) => unknown

/** What one is made of. `visit` visits all values, `those` only those whose times are more than 0. */
interface Piece {
  readonly data: unknown
  readonly seconds: number
  readonly visit: Visit
  readonly those: Visit
  readonly values: Values
}

/**
 * A built-in transform. Without data, `count`, `rate`, `sum` and `distinct` are 0 (the rate of a histogram: an empty map), all others null.
 * What it returns throws KAIROS_UNKNOWN_TRANSFORM or KAIROS_INVALID_CONFIG if a function of the caller made data without such a transform.
 */
export function transformNamed(name: TransformName, values: Values): Transform {
  const make = makerOf(name)
  return (data, seconds) => {
    if (typeof data === 'number') return rateOfCount(name, data, seconds)
    const visit = visitorOf(data)
    if (values.kind === null) checkValues(name, visit, values.stored, Array.isArray(data))
    return make({ data, seconds, visit, those: isMap(data) ? present(visit) : visit, values })
  }
}

function makerOf(name: TransformName): (piece: Piece) => unknown {
  if (isPercentile(name)) {
    const share = shareOf(name)
    return ({ data, those, values }) => percentile(share, data, those, orderOf(those, values))
  }
  return MAKERS[name]
}

const MAKERS = {
  count: ({ visit }) => totalTimes(visit),
  rate: ({ data, seconds, visit }) => (isMap(data) ? ratesOf(data, seconds) : totalTimes(visit) / seconds),
  sum: ({ visit, values }) => sum(visit, values),
  mean: ({ visit, values }) => mean(visit, values),
  min: ({ those, values }) => extreme(those, orderOf(those, values), -1),
  max: ({ those, values }) => extreme(those, orderOf(those, values), 1),
  range: ({ those }) => range(those),
  variance: ({ those }) => variance(those),
  stddev: ({ those }) => stddev(those),
  distinct: ({ those }) => distinct(those),
  first: ({ data }) => listOf(data)[0] ?? null,
  last: ({ data }) => listOf(data).at(-1) ?? null,
} satisfies Readonly<Record<string, (piece: Piece) => unknown>>

function rateOfCount(name: TransformName, count: number, seconds: number): number {
  if (name !== 'rate') throw unknownTransform(name, ['rate'], 'a number')
  return count / seconds
}

function ratesOf(counts: ReadonlyMap<unknown, unknown>, seconds: number): Map<unknown, number> {
  return withJson(new Map(Array.from(counts, ([value, times]) => [value, (times as number) / seconds])))
}

function listOf(data: unknown): readonly unknown[] {
  if (Array.isArray(data)) return data
  throw wrongShape('a list', data)
}
