import { timeOf } from '../api/asked.ts'
import type { ZoneClock } from '../graphite/zone-clock.ts'

const AGO = /^(\d{1,9}) *(second|minute|hour|day|week|month|year)s? +ago$/i

/** A time as torus' clients write it: `5 days ago`, Unix seconds, ISO 8601, or one of Graphite's forms. @throws RequestError */
export function momentOf(text: string, clock: ZoneClock, now: number): number {
  const [, count, unit] = AGO.exec(text.trim()) ?? []
  const graphite = count === undefined ? text : `-${count}${unit!.toLowerCase()}`
  return timeOf(graphite, clock, now)
}
