import { invalidOption } from '@kairos/core/driver'
import type { InputKind, ServerConfig, ServerTimeseriesConfig } from '../config/types.ts'
import { timeseriesOf } from '../timeseries/timeseries-of.ts'
import { type Aggregates, compileAggregates } from './aggregates.ts'
import { KINDS, TAKES } from './kinds.ts'
import { compilePatterns, type Matcher } from './pattern.ts'

/** What goes into a timeseries. */
export interface Intake {
  /** The name of the timeseries. */
  readonly timeseries: string
  readonly takes: readonly InputKind[]
  readonly rolling: number
  readonly map: ServerTimeseriesConfig['map']
  /** Whether there is anything that it may match. */
  readonly takesIn: boolean
  matches(name: string): boolean
}

/** What a configuration does with what is sent. */
export interface Mapping {
  /** In the order of the configuration. */
  readonly intakes: readonly Intake[]
  readonly aggregates: Aggregates
}

/** @throws KAIROS_INVALID_CONFIG */
export function createMapping(config: ServerConfig): Mapping {
  return {
    intakes: Object.entries(timeseriesOf(config)).map(([name, served]) => intakeOf(name, served)),
    aggregates: compileAggregates(config.aggregates),
  }
}

function intakeOf(
  timeseries: string,
  { type, match = [], takes = TAKES[type], map, rolling = 0, generator }: ServerTimeseriesConfig,
): Intake {
  const path = `timeseries.${timeseries}`
  const matchers: readonly Matcher[] = compilePatterns(match, `${path}.match`)
  if (!Array.isArray(takes))
    throw invalidOption({ path: `${path}.takes`, expected: `a list of ${KINDS.join(', ')}`, value: takes })
  for (const [index, kind] of takes.entries()) {
    if (!KINDS.includes(kind))
      throw invalidOption({ path: `${path}.takes[${index}]`, expected: `one of ${KINDS.join(', ')}`, value: kind })
  }
  if (!Number.isSafeInteger(rolling) || Math.abs(rolling) > 10_000)
    throw invalidOption({ path: `${path}.rolling`, expected: 'a whole number from -10000 to 10000', value: rolling })
  for (const [key, value] of Object.entries({ map, generator })) {
    if (value !== undefined && typeof value !== 'function')
      throw invalidOption({ path: `${path}.${key}`, expected: 'a function', value })
  }
  const takesIn = matchers.length > 0 && takes.length > 0
  return {
    timeseries,
    takes,
    rolling,
    map,
    takesIn,
    matches: (name) => matchers.some(({ match }) => match(name) !== undefined),
  }
}
