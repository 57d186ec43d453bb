import type { Call } from '../command.ts'
import type { StoreFlags } from '../flags/store.ts'
import { Misuse, mustBe } from '../misuse.ts'
import { configOfFound, isKnown, knownIntervals, labelsOf } from './found.ts'
import { type Opened, type Opening, open } from './opened.ts'
import { atPlace, type Place } from './place.ts'
import { type Configured, whereOf } from './where.ts'

type StoreCall = Pick<Call<StoreFlags>, 'flags' | 'signal' | 'env'>

/** Opens the timeseries that a call means, and closes it afterwards. `mayBeNew`: where a configuration has it, the call may write its first data. */
export async function withTimeseries<Result>(
  call: StoreCall,
  use: (opened: Opened) => Promise<Result>,
  mayBeNew = false,
): Promise<Result> {
  return withOpenings(call, (openings, shown) =>
    open({ ...theOne(openings, call.flags.timeseries, shown), mayBeNew }, use),
  )
}

/** The same for all of them, one after the other, unless the call names one. */
export async function withEachTimeseries(call: StoreCall, use: (opened: Opened) => Promise<void>): Promise<void> {
  const { timeseries } = call.flags
  await withOpenings(call, async (openings, shown) => {
    for (const opening of chosenOpenings(openings, timeseries, shown)) await open(opening, use)
  })
}

/** What a call can open: what is found at a store, or what a configuration names. */
async function withOpenings<Result>(
  call: StoreCall,
  use: (openings: readonly Opening[], shown: string) => Promise<Result>,
): Promise<Result> {
  const where = await whereOf(call)
  const { named } = where
  if (where.configured !== undefined)
    return use(
      where.configured.map((each) => configuredOpening(each, named)),
      'of the configuration',
    )
  return atPlace(where.url, call, (place) => use(foundOpenings(place, named), `at ${place.shown}`))
}

/** How a timeseries of a configuration is opened. */
export function configuredOpening({ name, url, config }: Configured, named: Opened['named'] = {}): Opening {
  return { label: name, store: url, config, named }
}

/** How the timeseries at a place are opened, as they are recorded. */
export function foundOpenings({ driver, found }: Place, named: Opened['named'] = {}): Opening[] {
  const labels = labelsOf(found)
  return found.map((each, index) => ({
    label: labels[index]!,
    store: driver,
    config: isKnown(each) && knownIntervals(each).length > 0 ? configOfFound(each) : null,
    named,
  }))
}

/** All of them, or the one that is named. @throws Misuse */
export function chosenOpenings(
  openings: readonly Opening[],
  name: string | undefined,
  shown: string,
): readonly Opening[] {
  checkAny(openings, shown)
  return name === undefined ? openings : [theOne(openings, name, shown)]
}

function checkAny(openings: readonly Opening[], shown: string): void {
  if (openings.length > 0) return
  throw new Misuse(
    `there is no timeseries ${shown}: check the place; a new timeseries needs a configuration: --config FILE, which kairos init writes`,
  )
}

function theOne(openings: readonly Opening[], name: string | undefined, shown: string): Opening {
  checkAny(openings, shown)
  const labels = openings.map(({ label }) => label)
  if (name === undefined && openings.length > 1)
    throw new Misuse(`one of the timeseries ${shown} must be chosen: --timeseries ${labels.join(', ')}`)
  const one = openings[name === undefined ? 0 : labels.indexOf(name)]
  if (one === undefined) throw mustBe('--timeseries', `one of those ${shown} (${labels.join(', ')})`, name)
  return one
}
