import type { AnyTimeseries } from '../../src/index.ts'
import { timeseriesOf } from './samples.ts'

/** What processes move that are killed. */
export function killedTimeseries(url: string): AnyTimeseries {
  return timeseriesOf(
    { type: 'count', intervals: { minute: { step: 60 }, day: { step: 'daily', resolution: 60 } } },
    url,
  )
}
