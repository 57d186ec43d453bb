import type { CellQuery, CellValue, StorageDriver, SweepQuery } from '@kairos/core/driver'
import { allNames, sweepAll } from '../../src/internal/pages.ts'
import { type BrokenDriver, reading, wrapped } from './wrapped.ts'

const LIST = 1_000
const PAGE = 10_000

/** One statement for all names, of which the store accepts the first 1,000. */
function cuttingNames(call: 'read' | 'bounds' | 'delete' | 'deleteRange' | 'sweep'): () => StorageDriver {
  const cut = (names: readonly string[] | null) => names?.slice(0, LIST) ?? null
  const cutQuery = (query: CellQuery): CellQuery => ({ ...query, names: query.names.slice(0, LIST) })
  return () =>
    wrapped((store) => {
      const cutting = {
        read: { read: (query: CellQuery) => store.read(cutQuery(query)) },
        bounds: { bounds: (query: CellQuery) => store.bounds(cutQuery(query)) },
        delete: { delete: (names: readonly string[] | null) => store.delete(cut(names)) },
        deleteRange: { deleteRange: (query: CellQuery) => store.deleteRange(cutQuery(query)) },
        sweep: { sweep: (query: SweepQuery) => store.sweep!({ ...query, names: cut(query.names) }) },
      }
      return cutting[call]
    })
}

/** Faults with large numbers of something. */
export const manyFaults: readonly BrokenDriver[] = [
  ...(['read', 'bounds', 'delete', 'deleteRange', 'sweep'] as const).map((call) => ({
    fault: `a ${call} that takes 1,000 names`,
    create: cuttingNames(call),
    caughtBy: ['many: count: 2,500 names in one call'],
  })),
  {
    fault: 'a list of names that ends with its first page',
    create: () => wrapped((store) => ({ names: async (query) => ({ names: (await store.names(query)).names }) })),
    caughtBy: ['many: count: 2,500 names in one call'],
  },
  {
    fault: 'a read that ends with its first page',
    create: reading((cells) => cells.slice(0, PAGE)),
    caughtBy: ['many: series: 12,500 cells of one name and interval'],
  },
  {
    fault: 'a delete that does one step of its work',
    create: () =>
      wrapped((store, { intervals }) => ({
        async delete(names) {
          const left = await Promise.all(
            Object.keys(intervals).flatMap((interval) =>
              (names ?? []).map(async (name) => {
                const query = { names: [name], interval, range: { first: -Infinity, last: Infinity } }
                const cells = (await store.read(query)).slice(LIST)
                return cells.map(({ value, ...position }) => ({ ...position, interval, change: value }))
              }),
            ),
          )
          await store.delete(names)
          await store.write({ cells: left.flat(), oldestLive: {} })
        },
      })),
    caughtBy: ['many: series: 12,500 cells of one name and interval'],
  },
  {
    fault: 'a sweep that says how many its last step took',
    create: () =>
      wrapped((store) => ({
        async sweep(query) {
          const { swept, done } = await store.sweep!(query)
          return { swept: query.names?.length === 1 ? swept % LIST : swept, done }
        },
      })),
    caughtBy: ['many: series: 12,500 cells of one name and interval'],
  },
  {
    fault: 'a read that ends with its first megabyte',
    create: reading((cells) => {
      let length = 0
      return cells.filter(({ value }) => {
        length += Array.isArray(value) ? value.join('').length : 8
        return length < MEGABYTE
      })
    }),
    caughtBy: ['many: series of text: 40 cells of 100,000 characters each'],
  },
  {
    fault: 'a cell of which a read gives 10,000 values',
    create: reading((cells) => cells.map((cell) => ({ ...cell, value: firstOf(cell.value, PAGE) }))),
    caughtBy: [
      'batches: series: one of 50,000 values, half of them in one cell',
      'batches: histogram: one of 50,000 values, half of them in one cell',
      'batches: set: one of 50,000 values, half of them in one cell',
    ],
  },
  {
    fault: 'a sweep of everything that takes the first page of names',
    create: () =>
      wrapped((store) => ({
        sweep: async (query) =>
          store.sweep!({ ...query, names: query.names ?? (await allNames(store, query.oldestLive)).slice(0, LIST) }),
      })),
    caughtBy: ['many: count: 2,500 names in one call'],
  },
  {
    fault: 'a delete of everything that ends when it has deleted much',
    create: () =>
      wrapped((store, { intervals }) => ({
        async delete(names) {
          if (names !== null) return store.delete(names)
          let deleted = 0
          for (const interval of Object.keys(intervals)) {
            for (const name of await allNames(store, { [interval]: 0 }))
              if (deleted < PAGE) deleted += await sweepAll(store, { [interval]: Infinity }, [name])
          }
        },
      })),
    caughtBy: ['many: series: 12,500 cells of one name and interval'],
  },
  {
    fault: 'a delete of everything that does one step of its work',
    create: () =>
      wrapped((store, { intervals }) => ({
        async delete(names) {
          if (names !== null) return store.delete(names)
          let left = PAGE
          for (const interval of Object.keys(intervals)) {
            for (const name of await allNames(store, { [interval]: 0 })) {
              if (left <= 0) return
              const cells = await store.read({ names: [name], interval, range: { first: -Infinity, last: Infinity } })
              const bucket = cells.map((cell) => cell.bucket).sort((a, b) => a - b)[left] ?? Infinity
              left -= await sweepAll(store, { [interval]: bucket }, [name])
            }
          }
        },
      })),
    caughtBy: ['many: series: 12,500 cells of one name and interval'],
  },
]

const MEGABYTE = 1_000_000

function firstOf(value: CellValue, most: number): CellValue {
  if (Array.isArray(value)) return value.slice(0, most)
  if (value instanceof Map) return new Map([...value].slice(0, most))
  return value instanceof Set ? new Set([...value].slice(0, most)) : value
}
