import { describe } from '../internal/describe.ts'
import { invalidOption, must } from '../internal/invalid-option.ts'
import { didYouMean, nearMiss } from '../internal/near-miss.ts'
import { engineZone } from './engine-zone.ts'
import { parseSpan, type Step } from './step.ts'

/** Where the days of a calendar's step begin, as an option says it: in a zone that the engine knows, `offset` seconds after midnight. */
export interface DayOptions {
  readonly zone: string
  readonly offset: number
}

const SECONDS_IN_DAY = 86_400

/**
 * `inherited` is the zone of calendar steps that name none.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseDays(
  step: Step,
  given: { readonly zone?: unknown; readonly offset?: unknown },
  prefix = '',
  inherited = 'UTC',
): DayOptions {
  const zone = parseZone(`${prefix}zone`, given.zone)
  const offset = parseOffset(`${prefix}offset`, given.offset)
  if (typeof step !== 'number') return { zone: zone ?? inherited, offset }
  const path = zone !== undefined && zone !== 'UTC' ? 'zone' : offset > 0 ? 'offset' : undefined
  if (path === undefined) return { zone: 'UTC', offset: 0 }
  throw invalidOption(
    prefix + path,
    `${prefix}${path} is for the steps of a calendar, not for ${describe(step)} seconds; use 'daily' for days`,
  )
}

/** @throws KAIROS_INVALID_CONFIG */
export function parseZone(path: string, zone: unknown): string | undefined {
  if (zone === undefined || (typeof zone === 'string' && engineZone(zone) !== null)) return zone
  const near = typeof zone === 'string' ? nearMiss(zone, Intl.supportedValuesOf('timeZone')) : undefined
  must(false, path, "an IANA time zone ('Europe/Berlin') that this engine knows", zone, didYouMean(near))
}

function parseOffset(path: string, offset: unknown): number {
  const seconds = typeof offset === 'string' ? parseSpan(offset) : (offset ?? 0)
  if (Number.isSafeInteger(seconds) && (seconds as number) >= 0 && (seconds as number) < SECONDS_IN_DAY)
    return seconds as number
  must(false, path, "whole seconds (21600) or a span ('6h') from 0 to below a day", offset)
}
