import { createTimeseries, type IntervalsConfig, type StorageDriver, type WriteResult } from '@kairos/core'
import { generator } from '../workload.ts'

/** A value, at a time. */
export interface Point {
  readonly name: string
  readonly value: number | string
  readonly timestamp: number
}

/** A timeseries of any of these types. */
export interface AnyTimeseries {
  open(): Promise<unknown>
  bulkInsert(points: readonly Point[]): Promise<WriteResult>
  series(name: string | readonly string[], interval: string, options: object): Promise<Map<number, unknown>>
  deleteAll(): Promise<void>
  drop(): Promise<unknown>
  close(): Promise<void>
}

/** A type, with the values that it is for. */
export interface Kind {
  readonly title: string
  readonly config: { readonly type: string; readonly valueType?: string }
  readonly value: (random: () => number) => number | string
}

const milliseconds = (random: () => number): number => Math.round(Math.exp(random() * 4) * 100) / 10
const visitor = (random: () => number): string => `visitor-${Math.floor(random() * 20_000)}`

/** Count and gauge keep one number, as the least that there is. */
export const KINDS = {
  count: { title: 'count', config: { type: 'count' }, value: (random) => 1 + Math.floor(random() * 3) },
  gauge: { title: 'gauge', config: { type: 'gauge' }, value: milliseconds },
  summary: { title: 'summary', config: { type: 'summary' }, value: milliseconds },
  distribution: { title: 'distribution', config: { type: 'distribution' }, value: milliseconds },
  unique: { title: 'unique', config: { type: 'unique' }, value: visitor },
  set: { title: 'set', config: { type: 'set', valueType: 'string' }, value: visitor },
} as const satisfies Record<string, Kind>

export function timeseriesOf({ config }: Kind, driver: StorageDriver, intervals: IntervalsConfig): AnyTimeseries {
  return createTimeseries(driver, { ...config, intervals } as never) as unknown as AnyTimeseries
}

/** Values of 50 names over the last six hours, in the order of time with a little disorder. */
export function recentPoints({ value }: Kind, amount: number, names = 50): Point[] {
  const random = generator(42)
  const span = 6 * 3_600
  const first = Math.floor(Date.now() / 1_000) - span
  return Array.from({ length: amount }, (_, index) => ({
    name: `series-${Math.floor(random() * names)}`,
    value: value(random),
    timestamp: first + Math.floor((index / amount) * (span - 30) + random() * 30),
  }))
}

/** Removes all that the timeseries has left in its store. */
export async function endOf(timeseries: AnyTimeseries): Promise<void> {
  await timeseries.drop()
  await timeseries.close()
}
