import type { CellValue, CellWrite, Scalar, StringCodec, SummaryValue, TimeseriesType } from '@kairos/core/driver'
import type { Rows } from '../dialects/rows.ts'
import type { Layout } from '../dialects/table.ts'
import type { SketchType } from '../values/sketch-codec.ts'

/**
 * The rows of a batch, in the order of the primary key as JavaScript compares it. Any order works if all writers use the same one: none can then
 * deadlock with another.
 */
export function rowsOf(
  { type, columns, value, sketch }: Layout,
  cells: readonly CellWrite[],
  codec: StringCodec,
): Rows {
  const rows: unknown[][] = columns.map(() => [])
  const [names, intervals, buckets, resolutionBuckets, ...data] = rows as [
    unknown[],
    unknown[],
    unknown[],
    unknown[],
    ...unknown[][],
  ]
  const [values, counts] = data as [unknown[], unknown[]?]
  const encode = value === null ? (scalar: Scalar) => scalar : value.encode
  let lastName = ''
  let encodedName = ''
  let lastInterval = ''
  let encodedInterval = ''
  const addPlace = (name: string, interval: string, bucket: number, resolutionBucket: number): void => {
    names.push(name)
    intervals.push(interval)
    buckets.push(bucket)
    resolutionBuckets.push(resolutionBucket)
  }
  for (const { name, interval, bucket, resolutionBucket, change } of cells) {
    if (name !== lastName) {
      lastName = name
      encodedName = codec.encode(name)
    }
    if (interval !== lastInterval) {
      lastInterval = interval
      encodedInterval = codec.encode(interval)
    }
    if (sketch !== null) {
      const bytes = sketch.encode(change)
      addPlace(encodedName, encodedInterval, bucket, resolutionBucket)
      values.push(bytes)
      data[1]!.push(bytes.length)
      continue
    }
    if (type === 'summary') {
      addPlace(encodedName, encodedInterval, bucket, resolutionBucket)
      pushSummary(data, change as SummaryValue)
      continue
    }
    parts[type as keyof typeof parts](change, (scalar, times) => {
      addPlace(encodedName, encodedInterval, bucket, resolutionBucket)
      values.push(encode(scalar))
      counts?.push(times)
    })
  }
  return rows
}

/** In the order of `SUMMARY_COLUMNS`. Field by field, since a loop over their names takes several times as long. */
function pushSummary(data: readonly unknown[][], { count, sum, min, max, last, lastAt }: SummaryValue): void {
  data[0]!.push(count)
  data[1]!.push(sum)
  data[2]!.push(min)
  data[3]!.push(max)
  data[4]!.push(last)
  data[5]!.push(lastAt)
}

type Split = (change: CellValue, add: (scalar: Scalar, times?: number) => void) => void

/** Splits a change into single values. */
const parts: Readonly<Record<Exclude<TimeseriesType, 'summary' | SketchType>, Split>> = {
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
