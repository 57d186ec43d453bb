import { memoryDriver } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'
import { NOW } from '../test-context.ts'
import { createAnyTimeseries } from './any-timeseries.ts'

/** What a bucket shows into which these values were written, one after the other, at one moment. */
export async function dataOf(
  type: TimeseriesType,
  values: readonly number[],
  timestamp: number = NOW,
): Promise<unknown> {
  const timeseries = createAnyTimeseries(memoryDriver(), { type, intervals: { minute: { step: 60 } } })
  for (const value of values) await timeseries.insert('a', value, { timestamp })
  return [...(await timeseries.get('a', 'minute', { timestamp })).values()][0]
}
