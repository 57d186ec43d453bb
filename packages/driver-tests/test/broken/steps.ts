import { setImmediate } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import type { CellValue, StorageDriver, WriteBatch } from '@kairos/core/driver'
import { type BrokenDriver, reading, wrapped, writing } from './wrapped.ts'

/** The first value of a change, and the rest; null: there is no rest. */
function split(change: CellValue): readonly [CellValue, CellValue | null] {
  if (Array.isArray(change)) return [change.slice(0, 1), change.length > 1 ? change.slice(1) : null]
  if (change instanceof Map)
    return [new Map([...change].slice(0, 1)), change.size > 1 ? new Map([...change].slice(1)) : null]
  if (change instanceof Set)
    return [new Set([...change].slice(0, 1)), change.size > 1 ? new Set([...change].slice(1)) : null]
  if (typeof change === 'object' && 'lastAt' in change)
    return [
      { ...change, sum: 0 },
      { ...change, count: 0 },
    ]
  return [change, null]
}

/** Remembers the last ids of batches, and promises more. */
function remembering(most: number): () => StorageDriver {
  return () => {
    const ids: string[] = []
    return wrapped(
      (store) => ({
        async write({ id, ...batch }: WriteBatch) {
          if (id !== undefined && ids.includes(id)) return { repeated: true }
          if (id !== undefined) ids.push(id)
          if (ids.length > most) ids.shift()
          return store.write(batch)
        },
      }),
      { exactlyOnce: { seconds: 600 } },
    )
  }
}

/** Faults in atomicity, places and numbers. */
export const stepFaults: readonly BrokenDriver[] = [
  {
    fault: 'a cell whose change is visible in halves',
    create: () =>
      wrapped((store) => ({
        async write(batch) {
          const cells = batch.cells.map((cell) => ({ ...cell, halves: split(cell.change) }))
          await store.write({ ...batch, cells: cells.map(({ halves, ...cell }) => ({ ...cell, change: halves[0] })) })
          await setImmediate()
          const rest = cells.flatMap(({ halves: [, change], ...cell }) =>
            change === null ? [] : [{ ...cell, change }],
          )
          if (rest.length > 0) await store.write({ ...batch, cells: rest })
        },
      })),
    caughtBy: (['series', 'histogram', 'set', 'summary', 'distribution'] as const).map(
      (type) =>
        `concurrency: ${type}: a change of several values is visible as a whole, to readers and with other writers`,
    ),
  },
  {
    fault: 'places that are one',
    // Types and value types are separate, as if both were in the key.
    create: (() => {
      const kept = new Map<string, StorageDriver>()
      return () => {
        const memory = memoryDriver()
        return {
          ...memory,
          async open(schema, options) {
            const driver = kept.get(schema.record) ?? memoryDriver()
            kept.set(schema.record, driver)
            return driver.open(schema, options)
          },
        }
      }
    })(),
    caughtBy: ['places: count: two places share nothing', 'places: set: two places share nothing'],
  },
  {
    fault: 'counts rounded to nine digits after the point',
    create: reading((cells) =>
      cells.map((cell) =>
        typeof cell.value === 'number' ? { ...cell, value: Math.round(cell.value * 1e9) / 1e9 } : cell,
      ),
    ),
    caughtBy: [
      'merge: count: changes of every magnitude come back unchanged, and add up as doubles do, also back again',
    ],
  },
  {
    fault: 'counts of 64 bits',
    create: reading((cells) =>
      cells.map((cell) =>
        typeof cell.value === 'number' && Math.abs(cell.value) > 2 ** 63
          ? { ...cell, value: Math.sign(cell.value) * 2 ** 63 }
          : cell,
      ),
    ),
    caughtBy: [
      'merge: count: changes of every magnitude come back unchanged, and add up as doubles do, also back again',
    ],
  },
  {
    fault: 'resolution buckets of 32 bits',
    create: writing((cells) => cells.map((cell) => ({ ...cell, resolutionBucket: cell.resolutionBucket | 0 }))),
    caughtBy: ['range: count: buckets before 1970 are negative, in order, and separate from later ones'],
  },
  ...[1, 20, 100].map((most) => ({
    fault: `exactly once, by the last ${most} ids`,
    create: remembering(most),
    caughtBy: [
      "capabilities: series: delivery 'once'",
      "capabilities: histogram: delivery 'once'",
      "capabilities: count: delivery 'once'",
    ],
  })),
  {
    fault: 'exactly once, of one interval',
    create: () => {
      const ids = new Set<string>()
      return wrapped(
        (store) => ({
          async write({ id = '', ...batch }) {
            const known = ids.has(id)
            ids.add(id)
            const { interval } = batch.cells[0]!
            return store.write(
              known ? { ...batch, cells: batch.cells.filter((cell) => cell.interval !== interval) } : batch,
            )
          },
        }),
        { exactlyOnce: { seconds: 600 } },
      )
    },
    caughtBy: ["capabilities: count: delivery 'once'"],
  },
]
