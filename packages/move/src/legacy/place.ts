import { bucketing } from '@kairos/core'
import type { CheckedInterval } from '@kairos/core/calls'

/** Where a stored cell is in time. */
export interface Place {
  readonly start: number
  readonly resolutionStart?: number
  /** Whether its resolution bucket reaches beyond its interval's bucket. */
  readonly isCut: boolean
}

/**
 * Where the cells of an interval are, from their bucket numbers: the reason for none. Python filed data under the right numbers, and
 * reported weeks late; a resolution bucket may lie in two of its interval, each of which has the part of its data that belongs there.
 */
export function placeOf({
  step,
  resolution,
}: CheckedInterval): (i: number, r: number | null) => Place | 'bucket' | 'outside' {
  const whole = bucketing(step)
  const part = resolution === null ? null : bucketing(resolution)
  return (i, r) => {
    const start = startOf(whole, i)
    if (start === undefined || (r === null) !== (part === null)) return 'bucket'
    if (part === null) return { start, isCut: false }
    const own = startOf(part, r!)
    if (own === undefined) return 'bucket'
    const end = start + whole.stepSize(start)
    const ownEnd = own + part.stepSize(own)
    if (ownEnd <= start || own >= end) return 'outside'
    return { start, resolutionStart: Math.max(start, own), isCut: own < start || ownEnd > end }
  }
}

function startOf(buckets: ReturnType<typeof bucketing>, bucket: number): number | undefined {
  try {
    return buckets.fromBucket(bucket)
  } catch {
    return undefined
  }
}
