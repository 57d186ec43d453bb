import { setImmediate } from 'node:timers/promises'
import { type CellStore, failedWrite, type StorageDriver } from '@kairos/core/driver'
import { type BrokenDriver, wrapped, writing } from './wrapped.ts'

/** Its answers after it was closed. */
function closing(answers: Partial<CellStore>): () => StorageDriver {
  return () => {
    let closed = false
    const driver = wrapped((store) =>
      Object.fromEntries(
        Object.entries(store).map(([call, work]) => [
          call,
          (...args: never[]) =>
            ((closed && answers[call as keyof CellStore]) || (work as (...args: never[]) => unknown))(...args),
        ]),
      ),
    )
    return {
      ...driver,
      async close() {
        closed = true
        await driver.close()
      },
    }
  }
}

/** Faults in the effects of writes. */
export const writeFaults: readonly BrokenDriver[] = [
  {
    fault: 'a double count',
    create: writing((cells) => [...cells, ...cells.filter(({ change }) => typeof change === 'number').slice(0, 1)]),
    caughtBy: ['merge: count: each change to a cell is merged once', 'vectors: count'],
  },
  {
    fault: 'a lost batch',
    create: () => {
      let batches = 0
      return wrapped((store) => ({ write: async (batch) => void (++batches % 10 === 0 || (await store.write(batch))) }))
    },
    caughtBy: [
      'merge: series: values stay in order of arrival, in one batch and over many',
      'vectors: series of float',
    ],
  },
  {
    fault: 'a batch cut short',
    create: writing((cells) => cells.slice(0, 4_096)),
    caughtBy: ['batches: count: one of 10,000 cells, over many names and buckets'],
  },
  {
    fault: 'a forgotten rolling copy',
    create: writing((cells) => {
      const first = new Map<string, number>()
      return cells.filter(({ name, interval, bucket }) => {
        const key = JSON.stringify([name, interval])
        if (!first.has(key)) first.set(key, bucket)
        return first.get(key) === bucket
      })
    }),
    caughtBy: [
      'moments: count: rolling copies, forwards, backwards and across New Year',
      'merge: count: one batch changes new and old cells, in every interval',
    ],
  },
  {
    fault: 'an update lost between reading and writing',
    create: () => {
      const latest = new Map<string, symbol>()
      return wrapped((store) => ({
        async write(batch) {
          const mine = Symbol('write')
          const keys = batch.cells.map(({ change: _, ...position }) => JSON.stringify(position))
          for (const key of keys) latest.set(key, mine)
          await setImmediate()
          await store.write({ ...batch, cells: batch.cells.filter((_, index) => latest.get(keys[index]!) === mine) })
        },
      }))
    },
    caughtBy: [
      'concurrency: count: many callers of two instances write the same cells, and nothing is lost or doubled',
    ],
  },
  {
    fault: 'resolution buckets thrown together',
    create: writing((cells) => cells.map((cell) => ({ ...cell, resolutionBucket: 0 }))),
    caughtBy: ['range: gauge: resolution buckets are separate cells inside their bucket'],
  },
  {
    fault: 'buckets without a sign',
    create: writing((cells) => cells.map((cell) => ({ ...cell, bucket: Math.abs(cell.bucket) }))),
    caughtBy: [
      'range: count: buckets before 1970 are negative, in order, and separate from later ones',
      'moments: count: just before 1970 and just after',
    ],
  },
  {
    fault: 'fractions promised and dropped',
    create: writing((cells) =>
      cells.map((cell) => (typeof cell.change === 'number' ? { ...cell, change: Math.trunc(cell.change) } : cell)),
    ),
    caughtBy: ['capabilities: fractional counts'],
  },
  {
    fault: 'exactly once, in word only',
    create: () => wrapped((store) => ({ write: ({ id: _id, ...batch }) => store.write(batch) })),
    caughtBy: ["capabilities: count: delivery 'once'"],
  },
  {
    fault: 'an early expiry',
    create: writing((cells, { oldestLive }) => cells.filter(({ bucket, interval }) => bucket !== oldestLive[interval])),
    caughtBy: [
      'writes: count: return how many values were stored, and how many fell into expired buckets',
      'extent: count: list, properties, iterate and expire while the clock advances',
    ],
  },
  {
    fault: 'a write that deletes what it takes for expired',
    create: () =>
      wrapped((store) => ({
        async write(batch) {
          await store.write(batch)
          const next = Object.entries(batch.oldestLive).map(([interval, oldest]) => [interval, oldest + 1])
          await store.sweep!({ oldestLive: Object.fromEntries(next), names: null, limit: 10_000 })
        },
      })),
    caughtBy: ['expiry: count: a write after buckets have expired leaves the live ones alone'],
  },
  {
    fault: 'a closed driver that swallows what it is given',
    create: closing({ write: async () => {} }),
    caughtBy: ['close: count: the store of a closed driver refuses, or does what it says'],
  },
  {
    fault: 'a closed driver that finds nothing',
    create: closing({ read: async () => [], bounds: async () => null, names: async () => ({ names: [] }) }),
    caughtBy: ['close: series: the store of a closed driver refuses, or does what it says'],
  },
  {
    fault: 'an aborted write that says nothing of it was stored',
    create: () =>
      wrapped((store) => ({
        async write(batch, options) {
          await store.write({ ...batch, cells: batch.cells.slice(0, 100) })
          if (options?.signal?.aborted) throw failedWrite('aborted', { retry: 'never', notApplied: batch.cells })
          await store.write({ ...batch, cells: batch.cells.slice(100) })
        },
      })),
    caughtBy: ['signal: count: an aborted write of the store tells the truth about every cell'],
  },
  {
    fault: 'an aborted write that leaves cells out of its lists',
    create: () =>
      wrapped((store) => ({
        async write(batch, options) {
          if (options?.signal?.aborted) throw failedWrite('aborted', { retry: 'never' })
          await store.write(batch)
        },
      })),
    caughtBy: ['signal: count: an aborted write of the store tells the truth about every cell'],
  },
]
