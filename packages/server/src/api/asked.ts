import { bucketing } from '@kairos/core'
import type { CheckedConfig, CheckedInterval } from '@kairos/core/calls'
import { RequestError } from '@kairos/events/http'
import type { NamedReads } from '../config/named-reads.ts'
import { parseAtTime } from '../graphite/at-time.ts'
import { Budget } from '../graphite/budget.ts'
import { matchingNames } from '../graphite/names.ts'
import { type ZoneClock, zoneClock } from '../graphite/zone-clock.ts'
import { quoted } from '../http/quoted.ts'
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
    `timeseries must be one of ${names.join(', ')}, not ${name === undefined ? 'left out' : quoted(name)}`,
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
  const asked = names === undefined ? namesLike(call, served, match!) : new Set(names)
  for await (const name of asked) if (found.push(name) > maxNames) break
  checkNames(found.length, call)
  return found
}

/** @throws RequestError for more names than a request may ask for */
export function checkNames(names: number, { limits: { maxNames } }: Pick<Call, 'limits'>): void {
  if (names <= maxNames) return
  throw new RequestError(400, `a request must ask for at most ${maxNames} names (server.limits.maxNames)`)
}

/** Those that match a pattern, in their order. @throws RequestError */
export function namesLike(call: Call, served: Served, match: string, after?: string): AsyncIterable<string> {
  return matchingNames({ ...call, budget: new Budget(call.limits.maxFunctionCost) }, served, match, after)
}

/** @throws RequestError */
export function timeOf(value: number | string, clock: ZoneClock, now: number): number {
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

/** The interval of this name. @throws RequestError */
export function intervalNamed({ intervals }: CheckedConfig, interval: string): CheckedInterval {
  const found = intervals.find(({ name }) => name === interval)
  if (found !== undefined) return found
  const names = intervals.map(({ name }) => name).join(', ')
  throw new RequestError(400, `interval must be one of ${names}, not ${quoted(interval)}`)
}

/** About how many buckets of a step lie between two times. */
export function pointsBetween(step: string | number, start: number, end: number): number {
  return Math.ceil((end - start) / bucketing(step as never).stepSize(start)) + 1
}

/** Points of a name, of which all names together may not have more than the limit. @throws RequestError */
export function mostPoints(names: number, { limits }: Pick<Call, 'limits'>): number {
  return Math.max(1, Math.floor(limits.maxPoints / Math.max(1, names)))
}

/** @throws RequestError for more points of each of this many names than an answer may have */
export function checkPoints(call: Pick<Call, 'limits'>, names: number, points: number): void {
  if (points <= mostPoints(names, call)) return
  throw new RequestError(
    400,
    `an answer must have at most ${call.limits.maxPoints} points (server.limits.maxPoints), not ${points} of each of ${names} names`,
  )
}

/** What core is given for the names of transforms, which may be functions of the configuration. */
export function transformOf({ reads }: { readonly reads: NamedReads }, names: readonly string[] | undefined): unknown {
  if (names === undefined) return undefined
  const made = names.map((name) => [name, reads.transforms.get(name) ?? name] as const)
  return made.length === 1 ? made[0]![1] : Object.fromEntries(made)
}
