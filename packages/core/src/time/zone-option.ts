import { describe } from '../internal/describe.ts'
import { invalidOption } from '../pipeline/call-options.ts'
import { parseSpan, type Step } from './step.ts'
import { canonicalZone, zoneLike } from './zone-names.ts'

export const UTC = 'UTC'
const SECONDS_IN_DAY = 86_400

/**
 * The canonical name of a zone; undefined if none is given.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseZone(path: string, zone: unknown): string | undefined {
  if (zone === undefined) return undefined
  const name = typeof zone === 'string' ? zone : ''
  const canonical = canonicalZone(name)
  if (canonical !== null) return canonical
  const near = zoneLike(name)
  const hint = near === undefined ? '' : `; did you mean ${describe(near)}?`
  throw invalidOption(
    path,
    `${path} must be an IANA time zone ('Europe/Berlin') that this engine knows, not ${describe(zone)}${hint}`,
  )
}

/**
 * Seconds after midnight; undefined if none are given.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseOffset(path: string, offset: unknown): number | undefined {
  if (offset === undefined) return undefined
  const seconds = typeof offset === 'number' ? offset : parseSpan(offset)
  if (Number.isSafeInteger(seconds) && seconds >= 0 && seconds < SECONDS_IN_DAY) return seconds
  throw invalidOption(
    path,
    `${path} must be whole seconds (21600) or a span ('6h') from 0 to below a day, not ${describe(offset)}`,
  )
}

/** @throws KAIROS_INVALID_CONFIG for a zone or an offset of a step that has no days */
export function checkCalendarOnly(
  step: Step,
  { zone, offset }: { readonly zone: string | undefined; readonly offset: number | undefined },
  prefix = '',
): void {
  if (typeof step !== 'number') return
  const path = (zone ?? UTC) !== UTC ? 'zone' : offset ? 'offset' : undefined
  if (path === undefined) return
  throw invalidOption(
    prefix + path,
    `${prefix}${path} is for the steps of a calendar, not for ${describe(step)} seconds; use 'daily' for days`,
  )
}
