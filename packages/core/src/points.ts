import { KairosError } from './errors.ts'
import { isMap } from './internal/collections.ts'
import { describe } from './internal/describe.ts'
import { invalidOption } from './internal/invalid-option.ts'
import { addToJson } from './internal/json.ts'
import { optionsOf } from './pipeline/call-options.ts'

/** How a point's time is written: ISO 8601 (`'2024-02-29T13:00:00.000Z'`), or milliseconds or seconds since the Unix epoch. */
export interface PointTimes {
  iso: string
  ms: number
  s: number
}

/** The start of a bucket, and its data. */
export interface TimePoint<Time, Data> {
  time: Time
  value: Data
}

const TIMES: { readonly [Form in keyof PointTimes]: (seconds: number) => PointTimes[Form] } = {
  iso: (seconds) => new Date(seconds * 1_000).toISOString(),
  ms: (seconds) => seconds * 1_000,
  s: (seconds) => seconds,
}

/**
 * The buckets of a result as a list in the order of time, for charts. `time` says how times are written; default `'s'`, Unix seconds. In a nested
 * result each `value` is a Map, which can be converted the same way, as can that of each name in a result with `split`.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE if the result is not a Map from seconds
 * @example `toPoints(await hits.series('home', 'minute'), { time: 'iso' }) // [ { time: '2024-02-29T13:37:00.000Z', value: 5 }, … ]`
 */
export function toPoints<Data, Form extends keyof PointTimes = 's'>(
  result: ReadonlyMap<number, Data>,
  options?: { readonly time?: Form | undefined },
): TimePoint<PointTimes[Form], Data>[] {
  const { time = 's' } = optionsOf(options, ['time'], [])
  if (typeof time !== 'string' || !Object.hasOwn(TIMES, time)) {
    const forms = Object.keys(TIMES).join(', ')
    throw invalidOption('time', `time must be one of ${forms}, not ${describe(time)}`)
  }
  const written = TIMES[time as Form]
  if (!isMap(result)) throw notSeconds(`a result must be a Map, not ${describe(result)}`, result)
  return addToJson(
    Array.from(result, ([seconds, value]) => {
      if (typeof seconds === 'number') return { time: written(seconds), value }
      throw notSeconds(
        `a result must have seconds as keys, not ${describe(seconds)}; convert that of each name by itself`,
        seconds,
      )
    }),
  )
}

function notSeconds(message: string, value: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message, { value })
}
