import { createTimeseries, type Distribution, type Summary } from '@kairos/core'
import { intervals } from './served.ts'

/** A timeseries, whatever its type. */
interface AnyTimeseries extends AsyncDisposable {
  list(): Promise<string[]>
  series(names: readonly string[], interval: string, range: object): Promise<Map<string, Map<number, unknown>>>
}

const open = createTimeseries as unknown as (store: string, config: object) => AnyTimeseries

/** What is stored of a client's values. */
export interface Stored {
  values?: number
  sum?: number
}

/** What a name has in its buckets, by the type of its timeseries. */
const READERS: Readonly<Record<string, readonly [type: string, read: (buckets: readonly unknown[]) => Stored]>> = {
  metrics: [
    'summary',
    (buckets) => ({
      values: total(buckets.map((bucket) => (bucket as Summary).count)),
      sum: total(buckets.map((bucket) => (bucket as Summary).sum)),
    }),
  ],
  counts: ['count', (buckets) => ({ sum: total(buckets as number[]) })],
  timings: ['distribution', (buckets) => ({ values: total(buckets.map((bucket) => (bucket as Distribution).count)) })],
  // Each value has changed it by 1.
  gauges: ['gauge', (buckets) => ({ values: (buckets.at(-1) as number | undefined) ?? 0 })],
}

/** What the values of each client have become in an interval, by the beginning of their names. */
export async function storedIn(
  store: string,
  interval: keyof typeof intervals,
  start: number,
): Promise<Record<string, Stored>> {
  const stored: Record<string, Stored> = {}
  for (const [name, [type, read]] of Object.entries(READERS)) {
    await using timeseries = open(store, { name, type, intervals })
    const range = { start, end: Date.now() / 1_000, split: true }
    for (const [own, buckets] of await timeseries.series(await timeseries.list(), interval, range)) {
      const prefix = own.split('.', 2).join('.')
      const before = stored[prefix] ?? {}
      const { values, sum } = read([...buckets.values()].filter((bucket) => bucket !== null))
      stored[prefix] = {
        ...(values !== undefined && { values: (before.values ?? 0) + values }),
        ...(sum !== undefined && { sum: (before.sum ?? 0) + sum }),
      }
    }
  }
  return stored
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
