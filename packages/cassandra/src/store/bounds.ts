import type { BucketRange, CellQuery } from '@kairos/core/driver'
import { sameWindow } from '../registry/registry.ts'
import { type Window, windowName } from '../registry/windows.ts'
import { windowKey } from '../schema/table.ts'
import { bigint, toNumber } from '../values/cql-bytes.ts'
import type { StoreContext } from './context.ts'

/**
 * First and last bucket with data of any of the names: reads one row of each registered window, in order, until one has data.
 * @throws StoreFailure
 */
export async function boundsOf(
  context: StoreContext,
  { names, interval, range }: CellQuery,
): Promise<BucketRange | null> {
  const found = await Promise.all(
    names.map(async (name) => {
      const [first, last] = await Promise.all([
        endOf(context, name, interval, range, false),
        endOf(context, name, interval, range, true),
      ])
      return first === null || last === null ? [] : [{ first, last }]
    }),
  )
  const bounds = found.flat()
  if (bounds.length === 0) return null
  return {
    first: bounds.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
    last: bounds.reduce((most, { last }) => Math.max(most, last), Number.NEGATIVE_INFINITY),
  }
}

async function endOf(
  { registry, session, layout, windowings, intervalKey }: StoreContext,
  name: string,
  interval: string,
  range: BucketRange,
  newestFirst: boolean,
): Promise<number | null> {
  const options = { range: windowings[interval]!.range(range), newestFirst, few: true }
  const ends = [bigint(range.first), bigint(range.last)]
  let end: number | null = null
  let foundIn: Window | undefined
  for await (const window of registry.windows(name, intervalKey(interval), options)) {
    // All parts of this window count, since they hold the same buckets; the windows after it are further inside the range.
    if (foundIn !== undefined && !sameWindow({ ...foundIn, part: 0 }, { ...window, part: 0 })) break
    const key = windowKey(layout, name, windowName(intervalKey(interval), window))
    const row = await session.firstRow(newestFirst ? layout.last : layout.first, [...key, ...ends])
    if (row === undefined) continue
    const bucket = toNumber(row.i)
    end = end === null ? bucket : newestFirst ? Math.max(end, bucket) : Math.min(end, bucket)
    foundIn = window
  }
  return end
}
