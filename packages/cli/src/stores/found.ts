import type { Discovered, DiscoveredInterval } from '@kairos/core'

/**
 * What each timeseries of a place is called on the command line: its name; with its type where several have that name; and those without a name
 * by their type, as `unnamed:count`. A name has no colon.
 */
export function labelsOf(found: readonly Discovered[]): string[] {
  return found.map((each) => {
    const { name, type = 'unknown' } = each
    const isOnly = name !== undefined && found.every((other) => other === each || other.name !== name)
    return isOnly ? name : `${name ?? 'unnamed'}:${type}`
  })
}

/** Whether this version knows all that is recorded of it. */
export function isKnown({ type, unknown }: Discovered): boolean {
  return type !== undefined && unknown === undefined
}

/** The intervals, shortest first. */
export function intervalsOf({ intervals }: Discovered): [string, DiscoveredInterval][] {
  return Object.entries(intervals).sort(
    ([one, { step }], [other, { step: otherStep }]) => lengthOf(step) - lengthOf(otherStep) || (one < other ? -1 : 1),
  )
}

/** Those that this version can open. */
export function knownIntervals(found: Discovered): [string, DiscoveredInterval][] {
  return intervalsOf(found).filter(([, { step, unknown }]) => step !== undefined && unknown === undefined)
}

const DAYS: Readonly<Record<string, number>> = {
  ...{ daily: 1, weekly: 7, 'iso-weekly': 7, monthly: 30, quarterly: 91, yearly: 365 },
}

/** About how long, in seconds: to order by. */
function lengthOf(step: DiscoveredInterval['step'] = 0): number {
  return typeof step === 'number' ? step : (DAYS[step] ?? 0) * 86_400
}

/** The configuration that opens a timeseries as it is recorded. */
export function configOfFound(found: Discovered): object {
  const { name, type, valueType, accuracy, precision } = found
  const intervals = knownIntervals(found)
  const zones = new Set(
    intervals.filter(([, { step }]) => typeof step === 'string').map(([, { zone }]) => zone ?? 'UTC'),
  )
  const [zone] = zones.size === 1 ? zones : []
  return {
    name,
    type,
    valueType,
    accuracy,
    precision,
    zone,
    intervals: Object.fromEntries(intervals.map(([interval, recorded]) => [interval, intervalConfig(recorded)])),
  }
}

function intervalConfig({ step, steps, resolution, zone, offset }: DiscoveredInterval): object {
  const isCalendar = typeof step === 'string'
  return { step, steps: steps ?? undefined, resolution, ...(isCalendar && { zone: zone ?? 'UTC', offset }) }
}
