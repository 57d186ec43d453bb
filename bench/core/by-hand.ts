import type { Event } from '../workload.ts'

/** A cell as hand-written code would have it. */
export interface HandCell {
  readonly name: string
  readonly interval: string
  readonly bucket: number
  value: number
}

/** What one would write for just this: counts per name, interval and bucket. Daily buckets read as dates, as in core. */
const bucketOf = {
  minute: (timestamp: number) => Math.floor(timestamp / 60),
  hour: (timestamp: number) => Math.floor(timestamp / 3600),
  day(timestamp: number) {
    const date = new Date(timestamp * 1000)
    return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
  },
} as const

export type HandInterval = keyof typeof bucketOf

/** Events merged into cells, with nested Maps. */
export function mergeByHand(events: readonly Event[], intervals: readonly HandInterval[]): HandCell[] {
  const cells: HandCell[] = []
  for (const interval of intervals) {
    const toBucket = bucketOf[interval]
    const names = new Map<string, Map<number, HandCell>>()
    for (const { name, value, timestamp } of events) {
      const bucket = toBucket(timestamp)
      let buckets = names.get(name)
      if (buckets === undefined) {
        buckets = new Map()
        names.set(name, buckets)
      }
      const cell = buckets.get(bucket)
      if (cell === undefined) buckets.set(bucket, { name, interval, bucket, value })
      else cell.value += value
    }
    for (const buckets of names.values()) cells.push(...buckets.values())
  }
  return cells
}
