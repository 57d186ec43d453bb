import { createTimeseries, type StorageDriver, type Timeseries, type ValueType } from '@kairos/core'
import { configOf } from '@kairos/core/calls'
import { Misuse } from '../misuse.ts'
import { checkFile } from './missing-file.ts'
import type { Named } from './where.ts'

/** A timeseries that is open for a call. */
export interface Opened {
  /** As `--timeseries` takes it. */
  readonly label: string
  readonly type: string
  readonly valueType: ValueType | null
  readonly timeseries: Timeseries
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
  /** It may be written for the first time, which makes its file. */
  readonly mayBeNew?: boolean
}

/** Opens a timeseries for as long as it is used. */
export async function open<Result>(
  { label, store, config, named, mayBeNew }: Opening,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  if (config === null) throw new Misuse(`${label} must be opened by the later version of Kairos that created it`)
  if (typeof store === 'string' && !mayBeNew) checkFile(store)
  const timeseries = createTimeseries(store, config as never)
  const { type, valueType, intervals, zone: ownZone = 'UTC' } = configOf(timeseries)
  try {
    return await use({
      ...{ label, type, valueType, named, timeseries },
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
