import { RequestError } from '@kairos/events/http'
import { parseAtTime } from '../graphite/at-time.ts'
import { matchingNames } from '../graphite/names.ts'
import { type ZoneClock, zoneClock } from '../graphite/zone-clock.ts'
import type { Served } from '../timeseries/registry.ts'
import type { Call } from './operation.ts'

/** Fields that several calls share, as they are described. */
export const TIMESERIES = 'The name of a timeseries; may be left out where there is only one.'
export const NAMES = 'The names to read.'
export const MATCH = 'Instead of names: a pattern such as web.*.hits.'
export const TIME = 'Unix seconds, ISO 8601, or a time of Graphite such as -6h or midnight.'

/** @throws RequestError */
export function servedFor({ registry }: Call, name: string | undefined): Served {
  const names = [...registry.served.keys()]
  const found = name === undefined && names.length === 1 ? names[0]! : name
  const served = found === undefined ? undefined : registry.served.get(found)
  if (served !== undefined) return served
  throw new RequestError(
    400,
    `timeseries must be one of ${names.join(', ')}, not ${name === undefined ? 'left out' : JSON.stringify(name.slice(0, 64))}`,
  )
}

/** Names that are given, or that match a pattern. @throws RequestError */
export async function namesFor(
  call: Call,
  served: Served,
  { names, match }: { readonly names: readonly string[] | undefined; readonly match: string | undefined },
): Promise<readonly string[]> {
  const { maxNames } = call.limits
  if ((names === undefined) === (match === undefined))
    throw new RequestError(400, 'either names or match must be given')
  const found: string[] = []
  if (names !== undefined) found.push(...new Set(names))
  else for await (const name of matchingNames(call, served, match!)) if (found.push(name) > maxNames) break
  if (found.length > maxNames)
    throw new RequestError(400, `a request must ask for at most ${maxNames} names (server.limits.maxNames)`)
  return found
}

/** @throws RequestError */
function timeOf(value: number | string, clock: ZoneClock, now: number): number {
  if (typeof value === 'number') return value
  const instant = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? parseAtTime(value, clock, now) : instant / 1000
}

/** The times of a request, by the clock of its zone. */
export function timesOf<
  Given extends { readonly start?: number | string | undefined; readonly end?: number | string | undefined },
>({ start, end }: Given, zone: string | undefined, { now }: Call): { start?: number; end?: number } {
  const clock = zoneClock(zone ?? 'UTC')
  return {
    ...(start !== undefined && { start: timeOf(start, clock, now()) }),
    ...(end !== undefined && { end: timeOf(end, clock, now()) }),
  }
}

/** Without what was left out: core refuses options that are undefined. */
export function given<Options extends object>(options: Options): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>
}
