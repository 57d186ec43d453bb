import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { isRecord } from '../internal/kinds.ts'
import { type LocalDays, localDays } from './local-days.ts'
import type { Step } from './step.ts'
import { canonicalZone } from './zone-names.ts'
import { parseDays } from './zone-option.ts'

/** Where the days of a calendar's step begin. */
export interface CalendarOptions {
  /** An IANA name, `'Europe/Berlin'`; default UTC. */
  readonly zone?: string | undefined
  /** How long after local midnight, by the wall clock: seconds, or a span (`'6h'`) below a day. Default 0. */
  readonly offset?: number | string | undefined
}

/**
 * The days that a step counts in.
 * @throws KAIROS_INVALID_CONFIG
 */
export function daysOf(step: Step, options: unknown = {}): LocalDays {
  if (!isRecord(options)) throw invalidOption('options', `options must be an object, not ${describe(options)}`)
  for (const key of Object.keys(options))
    if (key !== 'zone' && key !== 'offset') throw invalidOption(key, `${key} is not an option; known: zone, offset`)
  const { zone, offset } = parseDays(step, options)
  return localDays({ zone: canonicalZone(zone)!, offset })
}
