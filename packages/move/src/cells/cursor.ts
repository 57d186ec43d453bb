import { compareCodePoints, invalidOption } from '@kairos/core/driver'

/** Where `cells` of a source that is not a timeseries continues: behind this cell. */
export interface SourceCursor {
  readonly interval: string
  readonly name: string
  readonly start: number
  readonly resolutionStart: number | null
}

/** As text. */
export function cursorText({ interval, name, start, resolutionStart }: SourceCursor): string {
  return JSON.stringify([interval, name, start, resolutionStart])
}

/** @throws KAIROS_INVALID_CONFIG */
export function cursorOf(after: string): SourceCursor {
  try {
    const [interval, name, start, resolutionStart] = JSON.parse(after)
    if (typeof interval === 'string' && typeof name === 'string' && typeof start === 'number')
      return { interval, name, start, resolutionStart }
  } catch {}
  throw invalidOption({ path: 'after', expected: 'the cursor of a cell', value: after })
}

/** Whether a cell comes later, in the order of interval, name and time. */
export function isBehind({ interval, name, start, resolutionStart }: SourceCursor, cursor: SourceCursor): boolean {
  if (interval !== cursor.interval) return interval > cursor.interval
  const order = compareCodePoints(name, cursor.name) || start - cursor.start
  return order !== 0 ? order > 0 : (resolutionStart ?? 0) > (cursor.resolutionStart ?? 0)
}
