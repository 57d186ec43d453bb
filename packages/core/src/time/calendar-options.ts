import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isRecord } from '../internal/kinds.ts'
import { type LocalDays, utcDays, zonedDays } from './local-days.ts'
import { parseSpan, type Step } from './step.ts'
import { canonicalZone, zoneLike } from './zone-names.ts'

/** Where the days of a calendar's step begin. */
export interface CalendarOptions {
  /** An IANA name, `'Europe/Berlin'`; default UTC. */
  readonly zone?: string | undefined
  /** How long after local midnight, by the wall clock: seconds, or a span (`'6h'`) below a day. Default 0. */
  readonly offset?: number | string | undefined
}

const SECONDS_IN_DAY = 86_400

/**
 * The days that a step counts in.
 * @throws KAIROS_INVALID_CONFIG
 */
export function daysOf(step: Step, options: unknown = {}): LocalDays {
  if (!isRecord(options)) throw invalid('options', `must be an object, not ${describe(options)}`)
  for (const key of Object.keys(options))
    if (key !== 'zone' && key !== 'offset') throw invalid(key, 'is not an option; known: zone, offset')
  const offset = parseOffset(options.offset)
  const zone = parseZone(options.zone)
  if (typeof step === 'number' && (offset !== 0 || zone !== 'UTC')) {
    const path = zone === 'UTC' ? 'offset' : 'zone'
    throw invalid(path, `is for the steps of a calendar, not for ${describe(step)} seconds; use 'daily' for days`)
  }
  return zone === 'UTC' ? utcDays(offset) : zonedDays(zone, offset)
}

function parseZone(zone: unknown): string {
  if (zone === undefined) return 'UTC'
  const canonical = typeof zone === 'string' ? canonicalZone(zone) : null
  if (canonical !== null) return canonical
  const near = typeof zone === 'string' ? zoneLike(zone) : undefined
  const hint = near === undefined ? '' : `; did you mean ${describe(near)}?`
  throw invalid(
    'zone',
    `must be an IANA time zone ('Europe/Berlin') that this engine knows, not ${describe(zone)}${hint}`,
  )
}

function parseOffset(offset: unknown): number {
  if (offset === undefined) return 0
  const seconds = typeof offset === 'number' ? offset : parseSpan(offset)
  if (Number.isSafeInteger(seconds) && seconds >= 0 && seconds < SECONDS_IN_DAY) return seconds
  throw invalid(
    'offset',
    `must be whole seconds (21600) or a span ('6h') from 0 to below a day, not ${describe(offset)}`,
  )
}

function invalid(path: string, fault: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `${path} ${fault}`, { path })
}
