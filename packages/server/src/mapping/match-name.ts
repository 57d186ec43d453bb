import { serverSettings } from '../config/server-settings.ts'
import type { InputKind, ServerConfig } from '../config/types.ts'
import { isAllowed } from './aggregates.ts'
import { createMapping, type Intake, type Mapping } from './mapping.ts'

/** A timeseries that keeps a name. */
export interface MatchedTimeseries {
  readonly timeseries: string
  /** What it keeps of what is sent to the name. */
  readonly takes: readonly InputKind[]
  /** The name and value that it stores, after `map`; null: `map` drops it. */
  readonly stored: readonly [name: string, value: unknown] | null
  /** What `map` threw. */
  readonly error?: unknown
}

/** What becomes of a name. */
export interface MatchedName {
  readonly name: string
  /** In the order of the configuration. */
  readonly timeseries: readonly MatchedTimeseries[]
  /** The names that also get what is sent to it, each once, with what becomes of them. */
  readonly aggregates: readonly MatchedName[]
}

/**
 * What a configuration does with a name: which timeseries keep it, what it is mapped to, and which aggregates it has, with theirs. `value` is what
 * `map` is called with.
 * @throws KAIROS_INVALID_CONFIG
 * @example const { timeseries, aggregates } = matchName(await loadConfig(), 'stats.web.views')
 */
export function matchName(config: ServerConfig, name: string, value: unknown = 1): MatchedName {
  const { maxNameBytes } = serverSettings(config).limits
  return matched({ mapping: createMapping(config), value, maxNameBytes, seen: new Set([name]) }, name)
}

interface Matching {
  readonly mapping: Mapping
  readonly value: unknown
  readonly maxNameBytes: number
  /** The names so far. */
  readonly seen: Set<string>
}

function matched(matching: Matching, name: string): MatchedName {
  const { mapping, value, maxNameBytes, seen } = matching
  const fresh = mapping
    .aggregates(name)
    .filter((each) => !seen.has(each) && isAllowed(each, seen, maxNameBytes) && seen.add(each))
  return {
    name,
    timeseries: mapping.intakes.filter((intake) => intake.matches(name)).map((intake) => matchOf(intake, name, value)),
    aggregates: fresh.map((each) => matched(matching, each)),
  }
}

function matchOf({ timeseries, takes, map }: Intake, name: string, value: unknown): MatchedTimeseries {
  if (map === undefined) return { timeseries, takes, stored: [name, value] }
  try {
    return { timeseries, takes, stored: map(name, value) }
  } catch (error) {
    return { timeseries, takes, stored: null, error }
  }
}
