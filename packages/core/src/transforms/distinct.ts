import { isBytes } from '../internal/collections.ts'
import { isDate } from '../internal/kinds.ts'
import type { Visit } from './visit.ts'

/**
 * How many different values there are: dates by their time, bytes by their contents, 0 and -0 as one. Objects that a function of the caller made
 * are different from each other.
 */
export function distinct(visit: Visit): number {
  const [times, bytes, others] = [new Set<number>(), new Set<string>(), new Set<unknown>()]
  visit((value) => {
    if (typeof value !== 'object') others.add(value)
    else if (isDate(value)) times.add(value.getTime())
    else if (isBytes(value)) bytes.add(value.join())
    else others.add(value)
  })
  return times.size + bytes.size + others.size
}
