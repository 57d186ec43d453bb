import { type LegacyOptions, type LegacyReport, openLegacy } from '@kairos/move'
import type { ServerConfig } from '@kairos/server'
import { Misuse, mustBe } from '../misuse.ts'
import { configuredIn } from '../stores/where.ts'
import { chosenOpenings, configuredOpening } from '../stores/with-timeseries.ts'
import type { EndCall, UseMove } from './move.ts'
import { pairsOf } from './pairs.ts'

interface Ends {
  readonly from: string
  readonly to: string
  readonly config: ServerConfig | undefined
}

/** The store of Python kairos does not say what is in it: the configuration does. */
export async function legacyMoves({ flags }: EndCall, { from, to, config }: Ends, use: UseMove): Promise<void> {
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
      ...{ type, valueType, prefix, tableName },
      intervals: withResolutions(intervals, flags.fromResolution, label),
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

/** The intervals as Python kairos had them. @throws Misuse */
function withResolutions(
  intervals: LegacyOptions['intervals'],
  pairs: readonly string[] = [],
  label: string,
): LegacyOptions['intervals'] {
  const resolutions = pairsOf('--from-resolution', 'an interval and its resolution, such as odd=300', pairs)
  const others = Object.entries(resolutions).map(([interval, resolution]) => {
    if (!Object.hasOwn(intervals, interval))
      throw mustBe('--from-resolution', `of an interval of ${label} (${Object.keys(intervals).join(', ')})`, interval)
    const seconds = Number(resolution)
    return [interval, { ...intervals[interval], resolution: Number.isNaN(seconds) ? resolution : seconds }] as const
  })
  return { ...intervals, ...(Object.fromEntries(others) as LegacyOptions['intervals']) }
}

function lostIn({ lost, cut, skipped }: LegacyReport): string[] {
  return [
    ...lost.map(({ count, explanation, examples }) => `lost ${count}: ${explanation} (${examples.join(', ')})`),
    ...(cut > 0 ? [`${cut} resolution buckets were cut to their bucket`] : []),
    ...(skipped > 0 ? [`${skipped} unrelated keys, rows or documents were skipped`] : []),
  ]
}
