import { createTimeseries, memoryDriver } from '@kairos/core'
import type { StorageDriver } from '@kairos/core/driver'
import type { AnyTimeseries } from '../../src/index.ts'

/** A configuration of each type, with values that are easily lost on the way, and the write of them. */
const INTERVALS = { hour: { step: '1h' }, day: { step: 'daily', resolution: '1h', zone: 'Asia/Kathmandu' } } as const
const NAMES = ['home', 'a "quoted", name', 'zwei\nZeilen', '🚀']

const VALUES: Readonly<Record<string, readonly [config: object, values: readonly unknown[]]>> = {
  series: [{ type: 'series', valueType: 'string' }, ['', 'a,b', '"', 'ü', '1e3']],
  'series of bytes': [{ type: 'series', valueType: 'blob' }, [new Uint8Array([0, 255]), new Uint8Array()]],
  'series of dates': [{ type: 'series', valueType: 'datetime' }, [new Date(0), new Date(1e12 + 1)]],
  histogram: [{ type: 'histogram', valueType: 'int64' }, [5n, 2n ** 62n, -1n, 5n]],
  count: [{ type: 'count' }, [1, 2.5, 1e300]],
  gauge: [{ type: 'gauge', valueType: 'boolean' }, [true, false]],
  'gauge of texts': [{ type: 'gauge', valueType: 'string' }, ['007']],
  set: [{ type: 'set', valueType: 'inet' }, ['10.0.0.1', '::1', '9.0.0.1']],
  summary: [{ type: 'summary' }, [1.5, -2, 0.1]],
  distribution: [{ type: 'distribution' }, [1, 10, 10.1, 1000, -3]],
  unique: [{ type: 'unique' }, ['ada', 'bob', 'ada']],
}

export const SAMPLES: readonly string[] = Object.keys(VALUES)

/** A URL or a driver. */
export type Store = string | StorageDriver

/** Any timeseries: the exact types are the tests' of core, and cost the compiler much. */
export function timeseriesOf(config: object, store: Store = memoryDriver()): AnyTimeseries {
  return createTimeseries(store as string, config as never) as unknown as AnyTimeseries
}

/** An empty timeseries of a sample. */
export function emptySample(sample: string, store?: string): AnyTimeseries {
  return timeseriesOf({ ...VALUES[sample]![0], intervals: INTERVALS }, store)
}

/** The same with its values. */
export async function filledSample(sample: string, store?: string): Promise<AnyTimeseries> {
  const timeseries = emptySample(sample, store)
  const [, values] = VALUES[sample]!
  for (const [index, name] of NAMES.entries())
    await timeseries.bulkInsert(
      values.map((value, at) => ({ name, value, timestamp: 1_700_000_000 + index * 777 + at * 1_800 })) as never,
    )
  return timeseries
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
