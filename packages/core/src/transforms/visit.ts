import { KairosError } from '../errors.ts'
import { isMap, isSet } from '../internal/collections.ts'

/** Calls back with each value and how often it counts: once in a list or a set, as often as seen in a histogram. */
export type Visit = (see: (value: unknown, times: number) => void) => void

/** @throws KAIROS_INVALID_CONFIG if a function of the caller made data of another shape */
export function visitorOf(data: unknown): Visit {
  if (isMap(data)) {
    return (see) => {
      for (const [value, times] of data) see(value, times as number)
    }
  }
  if (Array.isArray(data) || isSet(data)) {
    return (see) => {
      for (const value of data as Iterable<unknown>) see(value, 1)
    }
  }
  throw wrongShape('a list, a set or a map of counts', data)
}

/** Only the values whose times are more than 0, as all are that a store holds: a function of the caller may have taken others back. */
export function present(visit: Visit): Visit {
  return (see) =>
    visit((value, times) => {
      if (times > 0) see(value, times)
    })
}

export function wrongShape(expected: string, data: unknown): KairosError {
  return new KairosError(
    'KAIROS_INVALID_CONFIG',
    `a built-in transform must get ${expected}; use a function for data of another shape`,
    { path: 'transform', value: data },
  )
}
