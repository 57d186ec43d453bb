import type { BucketRange } from '../../contract/cells.ts'
import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import type { Interval, Settings } from '../../settings.ts'
import type { AskedBuckets } from '../../time/asked.ts'
import { type FinestBuckets, finestOf } from '../finest.ts'

/** Whether a bucket begins at this moment. */
export function hasEdgeAt(spans: FinestBuckets, edge: number): boolean {
  return spans.startOf(spans.bucketOf(edge)) === edge
}

/** The first of these edges that lies inside a finest bucket of the live range, ascending; undefined: none. */
export function edgeInside(interval: Interval, edges: readonly number[], live: BucketRange): number | undefined {
  const finest = finestOf(interval)
  const from = interval.buckets.startOf(live.first)
  const until = interval.buckets.endOf(live.last)
  return edges.find((edge) => edge > from && edge < until && !hasEdgeAt(finest, edge))
}

/** The error of a stored bucket that lies in two of those asked for, which names it and what would do. */
export function lieInTwo(settings: Settings, interval: Interval, asked: AskedBuckets, edge: number): KairosError {
  const finest = finestOf(interval)
  const bucket = finest.bucketOf(edge)
  const [start, end] = [finest.startOf(bucket), finest.endOf(bucket)]
  const others = settings.intervals
    .filter((other) => hasEdgeAt(finestOf(other), edge))
    .map(({ name }) => describe(name))
  const remedy =
    others.length > 0
      ? `read ${others.join(' or ')} instead`
      : typeof asked.step === 'number' && asked.zone === 'UTC'
        ? `use a multiple of ${end - start} seconds`
        : `keep buckets of ${greatestDivisor(edge - start, end - start)} seconds, or of what divides them`
  return new KairosError(
    'KAIROS_INVALID_CONFIG',
    `every must have its edges where those of the stored buckets are, not ${describe(asked.step)} in ${asked.zone}: the bucket of ` +
      `${describe(interval.name)} from ${isoOf(start)} to ${isoOf(end)} would lie in two; ${remedy}`,
    { path: 'every', interval: interval.name, start, end },
  )
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}

/** A moment for a message. */
export function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000', '')
}
