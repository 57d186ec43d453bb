import type { UniqueSketch } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'

/** What a read may make of each bucket, by type: for some, a store that merges sends less than the values. */
export const TRANSFORMS: Readonly<Record<TimeseriesType, readonly unknown[]>> = {
  series: [undefined, 'count', 'mean', ['min', 'max', 'sum', 'rate', 'range'], ['p50', 'stddev']],
  histogram: [undefined, 'count', 'mean', ['p50', 'stddev']],
  count: [undefined, 'rate'],
  gauge: [undefined],
  set: [undefined, 'count', ['count', 'distinct'], ['count', 'sum']],
  summary: [undefined, 'mean', ['min', 'max', 'last']],
  distribution: [undefined, 'count', ['p50', 'p99', 'mean']],
  unique: [undefined, (sketch: UniqueSketch) => sketch.count()],
}
