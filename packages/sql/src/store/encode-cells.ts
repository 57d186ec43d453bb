import type { CellValue, CellWrite, OriginalType, Scalar, StringCodec } from '@kairos/core/driver'
import type { Rows } from '../dialects/rows.ts'
import type { Layout } from '../dialects/table.ts'

/**
 * The rows of a batch, in the order of the primary key as JavaScript compares it. Any order works if all writers use the same one: none can then
 * deadlock with another.
 */
export function rowsOf({ type, columns, value }: Layout, cells: readonly CellWrite[], codec: StringCodec): Rows {
  const rows: unknown[][] = columns.map(() => [])
  const [names, intervals, buckets, resolutionBuckets, values, counts] = rows as [
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    unknown[]?,
  ]
  const encode = value === null ? (scalar: Scalar) => scalar : value.encode
  let lastName = ''
  let encodedName = ''
  let lastInterval = ''
  let encodedInterval = ''
  for (const { name, interval, bucket, resolutionBucket, change } of cells) {
    if (name !== lastName) {
      lastName = name
      encodedName = codec.encode(name)
    }
    if (interval !== lastInterval) {
      lastInterval = interval
      encodedInterval = codec.encode(interval)
    }
    const add = (scalar: Scalar, times?: number): void => {
      names.push(encodedName)
      intervals.push(encodedInterval)
      buckets.push(bucket)
      resolutionBuckets.push(resolutionBucket)
      values.push(encode(scalar))
      counts?.push(times)
    }
    parts[type](change, add)
  }
  return rows
}

/** Splits a change into single values. */
const parts: Readonly<
  Record<OriginalType, (change: CellValue, add: (scalar: Scalar, times?: number) => void) => void>
> = {
  series(change, add) {
    for (const scalar of change as readonly Scalar[]) add(scalar)
  },
  histogram(change, add) {
    for (const [scalar, times] of [...(change as ReadonlyMap<Scalar, number>)].sort(([a], [b]) => compare(a, b)))
      add(scalar, times)
  },
  count: (change, add) => add(change as number),
  gauge: (change, add) => add(change as Scalar),
  set(change, add) {
    for (const scalar of [...(change as ReadonlySet<Scalar>)].sort(compare)) add(scalar)
  },
}

function compare(a: Scalar, b: Scalar): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
