import type {
  BucketGroups,
  CellStore,
  CellValue,
  MergedCell,
  MergeQuery,
  Scalar,
  SeriesStats,
  StorageDriver,
  StoreSchema,
  TimeseriesType,
} from '../../src/driver.ts'
import { memoryDriver } from '../../src/index.ts'
import { types } from '../../src/types/index.ts'
import { mergeAll } from '../../src/types/rules.ts'

export interface MergingDriver extends StorageDriver {
  readonly merged: MergeQuery[]
  /** While true, it cannot say exactly. */
  inexact: boolean
}

/** A memory driver whose store merges, with every result that there is. */
export function mergingDriver(memory: StorageDriver = memoryDriver()): MergingDriver {
  const merged: MergeQuery[] = []
  const driver: MergingDriver = {
    ...memory,
    capabilities: {
      ...memory.capabilities,
      merges: {
        count: ['value'],
        histogram: ['value'],
        set: ['value', 'size'],
        series: ['value', 'size', 'stats'],
        gauge: ['value'],
        summary: ['value'],
        distribution: ['value'],
        unique: ['value'],
      },
    },
    merged,
    inexact: false,
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      async function merge(query: MergeQuery): Promise<readonly MergedCell[] | null> {
        merged.push(query)
        return driver.inexact ? null : mergeIn(store, schema, query)
      }
      return { records, store: { ...store, merge } }
    },
  }
  return driver
}

async function mergeIn(
  store: CellStore,
  { type }: StoreSchema<TimeseriesType>,
  query: MergeQuery,
): Promise<MergedCell[]> {
  const rules = await types[type]({ accuracy: 0.01, precision: 12 })
  const cells = (await store.read(query)).map((cell) => ({
    value: cell.value,
    at: {
      name: query.split ? cell.name : '',
      bucket: groupOf(query.groups, cell.bucket),
      resolutionBucket: query.resolution ? cell.resolutionBucket : 0,
    },
  }))
  const groups = Map.groupBy(cells, ({ at }) => JSON.stringify(at))
  return Array.from(groups.values(), (own) => {
    const value = mergeAll(
      rules,
      own.map((cell) => cell.value),
    ) as CellValue
    return { ...own[0]!.at, value: resultOf(value, query.result) }
  }).reverse()
}

function groupOf(groups: BucketGroups, bucket: number): number {
  if ('starts' in groups) return groups.starts.findLast((start) => start <= bucket)!
  return groups.from + Math.floor((bucket - groups.from) / groups.size) * groups.size
}

function resultOf(value: CellValue, result: MergeQuery['result']): CellValue | SeriesStats {
  if (result === 'value') return value
  const values = [...(value as Iterable<Scalar>)] as number[]
  if (result === 'size') return values.length
  const sum = values.reduce((total, each) => total + each, 0)
  return { count: values.length, sum, min: Math.min(...values), max: Math.max(...values) }
}
