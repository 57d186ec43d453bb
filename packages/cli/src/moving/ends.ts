import type { ServerConfig } from '@kairos/server'
import { Misuse, mustBe } from '../misuse.ts'
import { configuration } from '../stores/configuration.ts'
import { open } from '../stores/opened.ts'
import { atPlace } from '../stores/place.ts'
import { configuredIn } from '../stores/where.ts'
import { chosenOpenings, foundOpenings } from '../stores/with-timeseries.ts'
import { legacyMoves } from './legacy-moves.ts'
import type { EndCall, UseMove } from './move.ts'

/** Opens what a call moves, one timeseries after the other. @throws Misuse */
export async function movesOf(call: EndCall, use: UseMove): Promise<void> {
  const { flags } = call
  const config =
    flags.config === undefined && areUrls(flags.from, flags.to) ? undefined : await configuration(flags.config)
  const [from, to] = [endOf('--from', flags.from, config), endOf('--to', flags.to, config)]
  if (from === to) throw new Misuse('--from and --to must be two stores')
  if (from.startsWith('kairos-py+')) return legacyMoves(call, { from, to, config }, use)
  const configured =
    config === undefined ? undefined : new Map(configuredIn(config).map((each) => [each.name, each.config]))
  await atPlace(from, call, async (place) => {
    const openings = chosenOpenings(foundOpenings(place), flags.timeseries, `at ${place.shown}`).filter(
      ({ label }) => configured === undefined || configured.size === 0 || configured.has(label),
    )
    if (openings.length === 0 && place.found.length > 0)
      throw new Misuse(
        `the configuration must have a timeseries of ${place.shown}, not only ${[...configured!.keys()].join(', ')}`,
      )
    for (const opening of openings)
      await open(opening, ({ timeseries, label }) =>
        use(
          { label, source: timeseries, config: configured?.get(label) ?? opening.config!, to },
          openings.length === 1,
        ),
      )
  })
}

function areUrls(...ends: readonly (string | undefined)[]): boolean {
  return ends.every((end) => end === undefined || end.includes(':'))
}

function endOf(flag: string, end: string | undefined, { stores = {} }: ServerConfig = {}): string {
  if (end === undefined) throw new Misuse(`${flag} must be given: a store's URL`)
  if (end.includes(':')) return end
  if (Object.hasOwn(stores, end)) return stores[end]!
  throw mustBe(flag, `a store's URL or a store of the configuration (${Object.keys(stores).join(', ')})`, end)
}
