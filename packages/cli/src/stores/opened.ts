import { createTimeseries, type Discovered } from '@kairos/core'
import { configOf } from '@kairos/core/calls'
import type { Call } from '../command.ts'
import type { StoreFlags } from '../flags/store.ts'
import { Misuse, mustBe } from '../misuse.ts'
import { configOfFound, isKnown, knownIntervals, labelsOf } from './found.ts'
import { atPlace, type Place, storeUrl } from './place.ts'

/** A timeseries whose shape only the running program knows: the compiler cannot check its options. */
export interface LooseTimeseries {
  get(names: readonly string[], interval: string, options: object): Promise<Map<unknown, unknown>>
  series(names: readonly string[], interval: string, options: object): Promise<Map<unknown, unknown>>
  iterate(names: readonly string[], interval: string, options: object): AsyncIterable<[number, unknown]>
  query(names: readonly string[], options: object): Promise<Queried>
  top(interval: string, options: object): Promise<readonly { readonly name: string; readonly value: unknown }[]>
  names(options: object): AsyncIterable<string>
  properties(name: string, options: object): Promise<Record<string, { readonly first: number; readonly last: number }>>
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
  readonly timeseries: LooseTimeseries
  /** Its intervals, and whose days those are. */
  readonly intervals: ReadonlyMap<string, OpenedInterval>
}
interface OpenedInterval {
  readonly zone: string
  readonly hasResolution: boolean
}

type StoreCall = Pick<Call<StoreFlags>, 'flags' | 'signal' | 'env'>

/** Opens the timeseries that a call means, and closes it afterwards. */
export async function withTimeseries<Result>(
  call: StoreCall,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const { store, timeseries } = call.flags
  return atPlace(storeUrl(store, call), call, (place) => open(place, chosen(place, timeseries), use))
}

/** Opens one of those that were found, and closes it afterwards. */
export async function open<Result>(
  { driver, shown, found: all }: Place,
  found: Discovered,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const label = labelsOf(all)[all.indexOf(found)]!
  if (!isKnown(found) || knownIntervals(found).length === 0)
    throw new Misuse(`${label} at ${shown} must be opened by the later version of Kairos that has made it`)
  const timeseries = createTimeseries(driver, configOfFound(found) as never)
  const { type, intervals, zone: ownZone = 'UTC' } = configOf(timeseries)
  try {
    return await use({
      label,
      type,
      timeseries: timeseries as unknown as LooseTimeseries,
      intervals: new Map(
        intervals.map(({ name, step, zone, resolution }) => [
          name,
          { zone: typeof step === 'string' ? zone : ownZone, hasResolution: resolution !== null },
        ]),
      ),
    })
  } finally {
    await timeseries.close()
  }
}

function chosen({ found, shown }: Place, name: string | undefined): Discovered {
  const labels = labelsOf(found)
  if (found.length === 0)
    throw new Misuse(`there is no timeseries at ${shown}: is it the right place, and has anything been written there?`)
  if (name === undefined && found.length > 1)
    throw new Misuse(`one of the timeseries at ${shown} must be chosen: --timeseries ${labels.join(', ')}`)
  const one = found[name === undefined ? 0 : labels.indexOf(name)]
  if (one === undefined) throw mustBe('--timeseries', `one of those at ${shown} (${labels.join(', ')})`, name)
  return one
}
