import { type BufferFailure, type BufferStats, createTimeseries } from '@kairos/core'
import type { StorageDriver, TimeseriesType } from '@kairos/core/driver'

/** A configuration that is built at run time, about which the compiler knows no more. */
export interface AnyConfig {
  readonly name?: string
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
  /** What `returning` asks for. */
  readonly value?: number
}

/** A cell as `cells` gives it. */
interface AnyCell {
  readonly name: string
  readonly interval: string
  readonly start: number
  readonly resolutionStart?: number
  readonly value: unknown
  readonly cursor: string
}

/** A buffer of any configuration. */
interface AnyBuffer {
  add(name: string, value?: unknown): boolean
  flush(): Promise<void>
  close(): Promise<void>
  stats(): BufferStats
}

/** One or several, as text, as objects with labels, or matchers. */
type Names = string | object

/** A timeseries of any configuration. */
export interface AnyTimeseries {
  open(options?: object): Promise<unknown>
  insert(name: string, value?: unknown, options?: object): Promise<Written>
  bulkInsert(points: unknown, options?: object): Promise<Written>
  buffer(options?: { interval: number; onError(error: unknown, cells: BufferFailure): void }): AnyBuffer
  get(name: Names, interval: string, options?: object): Promise<Map<number, unknown>>
  series(name: Names, interval: string, options?: object): Promise<Map<number, unknown>>
  iterate(name: Names, interval: string, options?: object): AsyncIterableIterator<[number, unknown]>
  query(name: Names, options: object): Promise<{ readonly interval: string }>
  top(interval: string, options?: object): Promise<object[]>
  write(cells: unknown, options?: object): Promise<{ readonly stored: number }>
  cells(options?: object): AsyncIterableIterator<AnyCell>
  rebuild(interval: string, options: object): Promise<unknown>
  list(options?: object): Promise<string[]>
  properties(name: string | object, options?: object): Promise<Record<string, { first: number; last: number }>>
  delete(name: string, options?: object): Promise<void>
  deleteAll(options?: object): Promise<void>
  expire(name?: string, options?: object): Promise<number>
  close(): Promise<void>
}

export function createAnyTimeseries(driver: StorageDriver, config: AnyConfig): AnyTimeseries {
  // The tests write numbers, also into a unique, whose default is text.
  const { valueType = config.type === 'unique' ? 'float' : undefined } = config
  // Tests count what is swept when they ask for it.
  const all = { sweep: false, ...config, ...(valueType !== undefined && { valueType }) }
  return createTimeseries(driver, all as never) as unknown as AnyTimeseries
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
