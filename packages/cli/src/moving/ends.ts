import { type CellSource, type LegacyOptions, type LegacyReport, openLegacy } from '@kairos/move'
import type { ServerConfig } from '@kairos/server'
import type { Call, Flag } from '../command.ts'
import { Misuse, mustBe } from '../misuse.ts'
import { configuration } from '../stores/configuration.ts'
import { open } from '../stores/opened.ts'
import { atPlace } from '../stores/place.ts'
import { configuredIn } from '../stores/where.ts'
import { chosenOpenings, configuredOpening, foundOpenings } from '../stores/with-timeseries.ts'

export interface EndFlags {
  readonly from: Flag<'text'>
  readonly to: Flag<'text'>
  readonly config: Flag<'texts'>
  readonly timeseries: Flag<'text'>
  readonly fromPrefix: Flag<'text'>
  readonly fromTable: Flag<'text'>
  readonly fromDatabase: Flag<'text'>
  readonly fromEscape: Flag<'text'>
}
type EndCall = Pick<Call<EndFlags>, 'flags' | 'signal'>

/** A timeseries that is moved. */
export interface Move {
  readonly label: string
  readonly source: CellSource
  /** That of the target, and its store. */
  readonly config: object
  readonly to: string
  /** What reading the source has lost so far, in words. */
  lost?(): string[]
}
type UseMove = (move: Move, isOnly: boolean) => Promise<void>

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

interface Ends {
  readonly from: string
  readonly to: string
  readonly config: ServerConfig | undefined
}

/** The store of Python kairos does not say what is in it: the configuration does. */
async function legacyMoves({ flags }: EndCall, { from, to, config }: Ends, use: UseMove): Promise<void> {
  const openings = configuredIn(config ?? {}).map((each) => configuredOpening(each))
  if (openings.length === 0)
    throw new Misuse(
      '--config must name a configuration with the timeseries of Python kairos: their type, valueType and intervals',
    )
  const chosen = chosenOpenings(openings, flags.timeseries, 'of the configuration')
  for (const { label, config } of chosen) {
    const { type, valueType, intervals } = config as LegacyOptions
    const { fromPrefix: prefix, fromTable: tableName, fromDatabase: database, fromEscape: escapeCharacter } = flags
    const source = await openLegacy(from, {
      ...{ type, valueType, intervals, prefix, tableName },
      ...(database !== undefined && { database }),
      ...(escapeCharacter !== undefined && { escapeCharacter }),
    })
    try {
      await use({ label, source, config: config!, to, lost: () => lostIn(source.report()) }, chosen.length === 1)
    } finally {
      await source.close()
    }
  }
}

function lostIn({ lost, cut, skipped }: LegacyReport): string[] {
  return [
    ...lost.map(({ count, explanation, examples }) => `lost ${count}: ${explanation} (${examples.join(', ')})`),
    ...(cut > 0 ? [`${cut} resolution buckets were cut to their bucket`] : []),
    ...(skipped > 0 ? [`${skipped} keys, rows or documents of something else were passed over`] : []),
  ]
}
