import type {
  BucketGroups,
  CellStore,
  CellValue,
  MergedCell,
  MergeQuery,
  OriginalType,
  Scalar,
  SeriesStats,
  StorageDriver,
} from '@kairos/core/driver'
import { kinds } from '../../src/internal/kinds.ts'
import { type BrokenDriver, wrapped } from './wrapped.ts'

/** The memory driver with a merge that is made of its reads, and changed. */
function merging(
  change: (query: MergeQuery, merge: (query: MergeQuery) => Promise<MergedCell[]>) => Promise<MergedCell[]>,
) {
  return (): StorageDriver =>
    wrapped((store, { type }) => ({ merge: (query) => change(query, (asked) => mergedFrom(store, type, asked)) }), {
      merges: { count: ['value'], series: ['stats'], set: ['size'] },
    })
}

/** What a store that merges answers. */
async function mergedFrom(store: CellStore, type: OriginalType, query: MergeQuery): Promise<MergedCell[]> {
  const groups = new Map<string, { at: Omit<MergedCell, 'value'>; values: CellValue[] }>()
  for (const { name, bucket, resolutionBucket, value } of await store.read(query)) {
    const at = {
      name: query.split ? name : '',
      bucket: startOf(query.groups, bucket),
      resolutionBucket: query.resolution ? resolutionBucket : 0,
    }
    const key = JSON.stringify(at)
    const group = groups.get(key) ?? { at, values: [] }
    group.values.push(value)
    groups.set(key, group)
  }
  return Array.from(groups.values(), ({ at, values }) => ({
    ...at,
    value: resultOf(kinds[type].join(values), query.result),
  }))
}

function startOf(groups: BucketGroups, bucket: number): number {
  if ('starts' in groups) return groups.starts.findLast((start) => start <= bucket)!
  return groups.from + Math.floor((bucket - groups.from) / groups.size) * groups.size
}

function resultOf(value: CellValue, result: MergeQuery['result']): CellValue | SeriesStats {
  if (result === 'value') return value
  const values = value instanceof Set ? [...value] : (value as readonly Scalar[])
  if (result === 'size') return values.length
  const numbers = values as readonly number[]
  const sum = numbers.reduce((total, each) => total + each, 0)
  return { count: numbers.length, sum, min: Math.min(...numbers), max: Math.max(...numbers) }
}

const COUNTS = 'merges: count: value: as core would merge the cells'

/** Wrong in what the store merges. */
export const mergeFaults: readonly BrokenDriver[] = [
  {
    fault: "a merge that is one off at a group's edge",
    create: merging((query, merge) =>
      merge({
        ...query,
        groups:
          'starts' in query.groups
            ? { starts: query.groups.starts.map((start, index) => (index === 0 ? start : start + 1)) }
            : query.groups,
      }),
    ),
    caughtBy: [COUNTS],
  },
  {
    fault: 'a merge that divides towards 0',
    create: merging((query, merge) => {
      const { groups } = query
      if ('starts' in groups) return merge(query)
      const first = Math.trunc(groups.from / groups.size) * groups.size
      return merge({ ...query, groups: { ...groups, from: first } })
    }),
    caughtBy: [COUNTS],
  },
  {
    fault: 'a merge that joins the names, asked or not',
    create: merging((query, merge) => merge({ ...query, split: false })),
    caughtBy: [COUNTS],
  },
  {
    fault: 'a merge that leaves out its last bucket',
    create: merging((query, merge) => merge({ ...query, range: { ...query.range, last: query.range.last - 1 } })),
    caughtBy: [
      COUNTS,
      'merges: set: size: as core would merge the cells',
      'merges: count: reads give the same answers where the store merges and where core does',
    ],
  },
  {
    fault: 'sizes of sets that are added',
    create: merging(async (query, merge) => {
      if (query.result !== 'size') return merge(query)
      const apart = await merge({ ...query, split: true })
      const sizes = new Map<string, MergedCell>()
      for (const cell of apart) {
        const key = `${cell.bucket} ${cell.resolutionBucket} ${query.split ? cell.name : ''}`
        const before = (sizes.get(key)?.value as number | undefined) ?? 0
        sizes.set(key, { ...cell, name: query.split ? cell.name : '', value: before + (cell.value as number) })
      }
      return [...sizes.values()]
    }),
    caughtBy: ['merges: set: size: as core would merge the cells'],
  },
  {
    fault: 'a smallest value that is 0 where there is none below',
    create: merging(async (query, merge) =>
      (await merge(query)).map((cell) => {
        const stats = cell.value as SeriesStats
        return query.result === 'stats' ? { ...cell, value: { ...stats, min: Math.min(0, stats.min as number) } } : cell
      }),
    ),
    caughtBy: ['merges: series: stats: as core would merge the cells'],
  },
]
