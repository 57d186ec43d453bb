import { createTimeseries, type StorageDriver, type ValueType } from '@kairos/core'
import { configOf } from '@kairos/core/calls'
import { Misuse } from '../misuse.ts'
import type { Named } from './where.ts'

/** A name, or what finds names by their labels. */
export type AskedName = string | { readonly name: string; readonly labels: Readonly<Record<string, unknown>> }

/** A timeseries whose shape only the running program knows: the compiler cannot check its options. */
export interface LooseTimeseries {
  open(options: object): Promise<unknown>
  get(names: readonly AskedName[], interval: string, options: object): Promise<Map<unknown, unknown>>
  series(names: readonly AskedName[], interval: string, options: object): Promise<Map<unknown, unknown>>
  iterate(names: readonly AskedName[], interval: string, options: object): AsyncIterable<[number, unknown]>
  query(names: readonly AskedName[], options: object): Promise<Queried>
  top(interval: string, options: object): Promise<readonly { readonly name: string; readonly value: unknown }[]>
  names(options: object): AsyncIterable<string>
  properties(name: string, options: object): Promise<Record<string, { readonly first: number; readonly last: number }>>
  insert(name: string, value: unknown, options: object): Promise<object>
  rebuild(interval: string, options: object): Promise<object>
  delete(name: string, options: object): Promise<void>
  deleteAll(options: object): Promise<void>
  expire(name: string | undefined, options: object): Promise<number>
  close(): Promise<void>
}

interface Queried {
  readonly interval: string
  readonly every: string | number | null
  readonly zone: string
  readonly points: Map<unknown, unknown>
  readonly why?: readonly string[]
}

/** A timeseries that is open for a call. */
export interface Opened {
  /** As `--timeseries` takes it. */
  readonly label: string
  readonly type: string
  readonly valueType: ValueType | null
  readonly timeseries: LooseTimeseries
  /** Its intervals, shortest first where it was found at the store, and whose days those are. */
  readonly intervals: ReadonlyMap<string, OpenedInterval>
  /** What a configuration defines for reads. */
  readonly named: Named
}
interface OpenedInterval {
  readonly zone: string
  readonly hasResolution: boolean
  /** For how many seconds; null: forever, or by the calendar. */
  readonly kept: number | null
}

/** What is opened, and how. */
export interface Opening {
  readonly label: string
  readonly store: StorageDriver | string
  /** Null: a later version has made it. */
  readonly config: object | null
  readonly named: Opened['named']
}

/** Opens a timeseries for as long as it is used. */
export async function open<Result>(
  { label, store, config, named }: Opening,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  if (config === null) throw new Misuse(`${label} must be opened by the later version of Kairos that has made it`)
  const timeseries = createTimeseries(store, config as never)
  const { type, valueType, intervals, zone: ownZone = 'UTC' } = configOf(timeseries)
  try {
    return await use({
      ...{ label, type, valueType, named },
      timeseries: timeseries as unknown as LooseTimeseries,
      intervals: new Map(
        intervals.map(({ name, step, steps, zone, resolution }) => [
          name,
          {
            zone: typeof step === 'string' ? zone : ownZone,
            hasResolution: resolution !== null,
            kept: typeof step === 'number' && steps !== null ? step * steps : null,
          },
        ]),
      ),
    })
  } finally {
    await timeseries.close()
  }
}
