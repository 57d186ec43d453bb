import { generator } from '../workload.ts'
import type { Kind, Point } from './configs.ts'

const MINUTES = 1_440

export interface Range {
  readonly start: number
  readonly end: number
}

/** This many values in each minute of the last day, in lists that one call takes. */
export function minutesOf(
  { value }: Kind,
  names: readonly string[],
  perMinute: number,
): { points: Point[][]; range: Range } {
  const random = generator(7)
  const end = Math.floor(Date.now() / 60_000) * 60
  const start = end - (MINUTES - 1) * 60
  const points = names.map((name) =>
    Array.from(
      { length: MINUTES * perMinute },
      (_, index): Point => ({ name, value: value(random), timestamp: start + Math.floor(index / perMinute) * 60 }),
    ),
  )
  return { points, range: { start, end } }
}
