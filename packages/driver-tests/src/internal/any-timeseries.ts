import { createTimeseries } from '@kairos/core'
import type { StorageDriver, TimeseriesType } from '@kairos/core/driver'

/** A configuration that is built at run time, about which the compiler knows no more. */
export interface AnyConfig {
  readonly type: TimeseriesType
  readonly valueType?: string
  readonly accuracy?: number
  readonly precision?: number
  readonly intervals: Readonly<
    Record<string, { readonly step: number | string; readonly steps?: number; readonly resolution?: number | string }>
  >
  readonly readFunc?: (value: never) => unknown
  readonly writeFunc?: (value: never) => unknown
  readonly now?: () => number
  readonly patience?: number
  readonly sweep?: boolean
}

interface Written {
  readonly stored: number
  readonly expired: number
}

type Names = string | readonly string[] | ReadonlySet<string>

/** A timeseries of any configuration. */
export interface AnyTimeseries {
  open(): Promise<unknown>
  insert(name: string, value?: unknown, options?: object): Promise<Written>
  bulkInsert(points: unknown, options?: object): Promise<Written>
  get(name: Names, interval: string, options?: object): Promise<Map<number, unknown>>
  series(name: Names, interval: string, options?: object): Promise<Map<number, unknown>>
  iterate(name: Names, interval: string, options?: object): AsyncIterableIterator<[number, unknown]>
  query(name: Names, options: object): Promise<{ readonly interval: string }>
  top(interval: string, options?: object): Promise<object[]>
  write(cells: unknown, options?: object): Promise<{ readonly stored: number }>
  cells(options?: object): AsyncIterableIterator<{ readonly cursor: string }>
  rebuild(interval: string, options: object): Promise<unknown>
  list(options?: object): Promise<string[]>
  properties(name: string, options?: object): Promise<Record<string, { first: number; last: number }>>
  delete(name: string, options?: object): Promise<void>
  deleteAll(options?: object): Promise<void>
  expire(name?: string, options?: object): Promise<number>
  close(): Promise<void>
}

export function createAnyTimeseries(driver: StorageDriver, config: AnyConfig): AnyTimeseries {
  // Tests count what is swept when they ask for it.
  return createTimeseries(driver, { sweep: false, ...config } as never) as unknown as AnyTimeseries
}

/** The pairs of an iteration, at most `most`. */
export async function collect(
  pairs: AsyncIterable<[number, unknown]>,
  most: number = Number.POSITIVE_INFINITY,
): Promise<[number, unknown][]> {
  const collected: [number, unknown][] = []
  for await (const pair of pairs) {
    collected.push(pair)
    if (collected.length === most) break
  }
  return collected
}
