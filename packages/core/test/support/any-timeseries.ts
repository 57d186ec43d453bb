import { createTimeseries, type RebuildResult, type StorageDriver, type WriteResult } from '../../src/index.ts'

/** A timeseries as JavaScript sees it: every call accepts anything, so that what the compiler refuses can be tested too. */
export interface AnyTimeseries {
  open(options?: unknown): Promise<unknown>
  insert(name: unknown, value?: unknown, options?: unknown): Promise<WriteResult>
  bulkInsert(points: unknown, options?: unknown): Promise<WriteResult>
  get(names: unknown, interval: unknown, options?: unknown): Promise<Map<number, unknown>>
  series(names: unknown, interval: unknown, options?: unknown): Promise<Map<number, unknown>>
  iterate(names: unknown, interval: unknown, options?: unknown): AsyncIterableIterator<[number, unknown]>
  query(names: unknown, options?: unknown): Promise<AnyAnswer>
  top(interval: unknown, options?: unknown): Promise<{ name: string; value: unknown }[]>
  cells(options?: unknown): AsyncIterableIterator<AnyCell>
  write(cells: unknown, options?: unknown): Promise<{ stored: number; expired: number; unexpected: unknown[] }>
  rebuild(interval: unknown, options?: unknown): Promise<RebuildResult>
  list(options?: unknown): Promise<string[]>
  names(options?: unknown): AsyncIterableIterator<string>
  properties(name: unknown, options?: unknown): Promise<Record<string, { first: number; last: number }>>
  delete(name?: unknown, options?: unknown): Promise<void>
  deleteAll(options?: unknown): Promise<void>
  expire(name?: unknown, options?: unknown): Promise<number>
  drop(options?: unknown): Promise<void>
  close(options?: unknown): Promise<void>
}

interface AnyAnswer {
  interval: string
  every: string | null
  zone: string
  points: Map<number, unknown>
  why?: string[]
}

export interface AnyCell {
  readonly name: string
  readonly interval: string
  readonly start: number
  readonly resolutionStart?: number
  readonly value: unknown
  readonly expires: number | null
  readonly cursor: string
}

/** Unless the configuration says otherwise, it does not sweep by itself: tests that watch a store's calls expect none of another time. */
export function createAny(store: unknown, config: unknown): AnyTimeseries {
  const own = isPlain(config) ? { sweep: false, ...config } : config
  return createTimeseries(store as StorageDriver, own as never) satisfies object as AnyTimeseries
}

function isPlain(config: unknown): config is object {
  return typeof config === 'object' && config !== null && Object.getPrototypeOf(config) === Object.prototype
}
