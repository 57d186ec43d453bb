import { memoryDriver } from '@kairos/core'
import type { IntervalSchema, StoredCell, WriteBatch } from '@kairos/core/driver'
import { type BrokenDriver, wrapped } from './wrapped.ts'

/** Faults in recording, deleting and sweeping. */
export const recordFaults: readonly BrokenDriver[] = [
  {
    fault: 'a delete that forgets an interval',
    create: () => {
      const memory = memoryDriver()
      return {
        ...memory,
        async open(schema, options) {
          const { store, records } = await memory.open(schema, options)
          const [, ...others] = Object.entries(schema.intervals)
          const { store: forgetful } = await memory.open({ ...schema, intervals: Object.fromEntries(others) })
          return { store: { ...store, delete: forgetful.delete }, records }
        },
      }
    },
    caughtBy: ["delete: count: deleting names deletes all their cells in the schema's intervals, and nothing else"],
  },
  {
    fault: 'a delete that takes other intervals along',
    create: () => {
      const memory = memoryDriver()
      const seen = new Map<string, IntervalSchema>()
      return {
        ...memory,
        async open(schema, options) {
          for (const [interval, each] of Object.entries(schema.intervals)) seen.set(interval, each)
          const { store, records } = await memory.open(schema, options)
          const all = { ...schema, intervals: Object.fromEntries(seen) }
          return { store: { ...store, delete: async (names) => (await memory.open(all)).store.delete(names) }, records }
        },
      }
    },
    caughtBy: ['delete: count: deleting everything keeps other intervals, and the records'],
  },
  {
    fault: 'a sweep that takes a live bucket along',
    create: () =>
      wrapped((store) => ({
        sweep: (query) =>
          store.sweep!({
            ...query,
            oldestLive: Object.fromEntries(
              Object.entries(query.oldestLive).map(([interval, bucket]) => [interval, bucket + 1]),
            ),
          }),
      })),
    caughtBy: ['expiry: count: sweep deletes the cells before the oldest live buckets, and returns their number'],
  },
  {
    fault: 'a record that is altered by every opening',
    create: () => {
      const memory = memoryDriver()
      return {
        ...memory,
        async open(schema, options) {
          const before = await memory.open(schema, options)
          const { intervals } = before.records
          const oldestLive = Object.fromEntries(Object.keys(intervals).map((name) => [name, Number.MAX_SAFE_INTEGER]))
          return memory.open(schema, { replace: { intervals }, oldestLive })
        },
      }
    },
    caughtBy: [
      'open: count: missing records are added, and existing ones are not altered',
      'configurations: count: another step is refused while there are data, and accepted when there are none',
    ],
  },
  {
    fault: 'a replacement that keeps the old cells',
    create: () =>
      wrapped(async (store, _schema, { replace }) => {
        const kept = new Map<string, readonly StoredCell[]>()
        for (const interval of Object.keys(replace?.intervals ?? {})) kept.set(interval, keptCells.get(interval) ?? [])
        for (const [interval, cells] of kept) await store.write(batchOf(interval, cells))
        return {
          async write(batch) {
            await store.write(batch)
            for (const { interval, change, ...position } of batch.cells)
              keptCells.set(interval, [...(keptCells.get(interval) ?? []), { ...position, value: change }])
          },
        }
      }),
    caughtBy: ['open: count: an interval is replaced only if its record is unchanged, and its cells go with it'],
  },
  {
    fault: 'a record that nobody keeps',
    create: () => {
      const memory = memoryDriver()
      return {
        ...memory,
        async open(schema, options) {
          const { store } = await memory.open(schema, options)
          const intervals = Object.entries(schema.intervals).map(([interval, { record }]) => [interval, record])
          return { store, records: { schema: schema.record, intervals: Object.fromEntries(intervals) } }
        },
      }
    },
    caughtBy: ['configurations: count: another step is refused while there are data, and accepted when there are none'],
  },
]

/** What "a replacement that keeps the old cells" keeps. */
const keptCells = new Map<string, readonly StoredCell[]>()

function batchOf(interval: string, cells: readonly StoredCell[]): WriteBatch {
  return { cells: cells.map(({ value, ...position }) => ({ ...position, interval, change: value })), oldestLive: {} }
}
