import type { Distribution } from '../api/sketches.ts'
import type { OwnTransforms } from '../types/rules.ts'
import { isPercentile, PERCENTILES, shareOf } from './percentile-name.ts'

const MAKERS = {
  count: ({ count }) => count,
  rate: ({ count }, seconds) => count / seconds,
  sum: ({ sum }) => sum,
  mean: ({ mean }) => mean,
  min: ({ min }) => min,
  max: ({ max }) => max,
  range: ({ min, max }) => (min === null || max === null ? null : max - min),
} satisfies Readonly<Record<string, (data: Distribution, seconds: number) => number | null>>

export const distributionTransforms: OwnTransforms = {
  known: [...Object.keys(MAKERS), PERCENTILES],
  named(name) {
    if (isPercentile(name)) {
      const { numerator, denominator } = shareOf(name)
      return (data) => (data as Distribution).quantile(numerator / denominator)
    }
    const make = MAKERS[name as keyof typeof MAKERS]
    return (data, seconds) => make(data as Distribution, seconds)
  },
}
