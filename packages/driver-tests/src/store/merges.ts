import type {
  BucketGroups,
  CellValue,
  MergedCell,
  MergeQuery,
  MergeResult,
  SeriesStats,
  SummaryValue,
  TimeseriesType,
} from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { claim, same, show } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { OpenedCells, TestContext } from '../test-context.ts'
import { type Cell, cell, write } from './cells.ts'

const INTERVALS = { 'merged minute': { step: 60 }, 'merged hour': { step: 3600, resolution: 60 } }
const RESULTS: readonly MergeResult[] = ['value', 'size', 'stats']

/** What the store merges is what the kit merges of the same cells. */
export const mergeInStoreTests: readonly DriverTest[] = RESULTS.flatMap((result) =>
  ofTypes(ALL_TYPES, (type) => ({
    title: `merges: ${type}: ${result}: as core would merge the cells`,
    async skip(context) {
      const { merges = {} } = await context.capabilities()
      return merges[type]?.includes(result) ? null : `capabilities.merges.${type} leaves out ${result}`
    },
    run: (context) => expectMerged(context, type, result),
  })),
)

async function expectMerged(context: TestContext, type: TimeseriesType, result: MergeResult): Promise<void> {
  const opened = await context.cells({ type, intervals: INTERVALS })
  const names = [context.name('a'), context.name('b'), context.name('c')]
  let changes = 0
  // Whole numbers: a sum that rounds need not be merged. Nor need a store say which of two values of one moment is last.
  const change = (seed: number): CellValue => {
    const value = kinds[type].of([seed % 7, (seed * 3) % 11, seed % 5])
    if (type !== 'summary') return value
    return { ...(value as SummaryValue), lastAt: 1_700_000_000 + ((changes++ * 37) % 101) / 4 }
  }
  const cells = names.flatMap((name, index) => [
    ...[-65, -3, -1, 0, 1, 2, 59, 60, 61, 127, 128, 200]
      .filter((bucket) => (bucket + index) % 3 !== 0)
      .map((bucket) => cell(name, 'merged minute', bucket, 0, change(bucket + 100 + index))),
    ...[1, 2, 4].flatMap((hour) =>
      [0, 1, 2 + index].map((minute) =>
        cell(name, 'merged hour', hour, hour * 60 + minute, change(hour + minute + index)),
      ),
    ),
  ])
  await write(opened, cells)
  const groups: readonly BucketGroups[] = [
    { size: 1, from: 0 },
    { size: 60, from: 0 },
    { size: 7, from: -65 },
    { starts: [-1_000] },
    { starts: [-65, -2, 60, 61, 150] },
  ]
  for (const interval of Object.keys(INTERVALS)) {
    for (const asked of [names, names.slice(1, 2), ['nobody']]) {
      for (const range of [
        { first: -65, last: 300 },
        { first: 0, last: 61 },
        { first: 300, last: 400 },
      ]) {
        for (const each of groups.filter((group) => 'size' in group || group.starts[0]! <= range.first)) {
          for (const split of [true, false]) {
            const query = { names: asked, interval, range, result, groups: each, split, resolution: false }
            await expectSame(opened, type, query, cells)
          }
        }
      }
    }
  }
  const byResolution = { names, interval: 'merged hour', range: { first: 0, last: 9 }, groups: groups[0]!, result }
  for (const split of [true, false]) await expectSame(opened, type, { ...byResolution, split, resolution: true }, cells)
}

async function expectSame(
  { store }: OpenedCells,
  type: TimeseriesType,
  query: MergeQuery,
  cells: readonly Cell[],
): Promise<void> {
  const found = await store.merge!(query)
  claim(found !== null, () => `merge of whole numbers gives null: ${show(query)}`)
  const expected = mergedByHand(type, query, cells)
  const byPlace = new Map(found.map((merged) => [placeOf(merged), merged.value]))
  claim(byPlace.size === found.length, () => `merge gives a group twice: ${show(query)}`)
  same(byPlace, expected, `merge of ${show(query)}`)
}

function mergedByHand(type: TimeseriesType, query: MergeQuery, cells: readonly Cell[]): Map<string, unknown> {
  const { names, interval, range, groups, split, resolution, result } = query
  const parts = new Map<string, CellValue[]>()
  for (const { name, bucket, resolutionBucket, change, ...own } of cells) {
    if (!names.includes(name) || own.interval !== interval || bucket < range.first || bucket > range.last) continue
    const place = placeOf({
      name: split ? name : '',
      bucket: groupOf(groups, bucket),
      resolutionBucket: resolution ? resolutionBucket : 0,
    })
    parts.set(place, [...(parts.get(place) ?? []), change])
  }
  return new Map(Array.from(parts, ([place, values]) => [place, resultOf(kinds[type].join(values), result)]))
}

function placeOf({ name, bucket, resolutionBucket }: Omit<MergedCell, 'value'>): string {
  return `${bucket}/${resolutionBucket} ${name}`
}

function groupOf(groups: BucketGroups, bucket: number): number {
  if ('size' in groups) return groups.from + Math.floor((bucket - groups.from) / groups.size) * groups.size
  return groups.starts.findLast((start) => start <= bucket)!
}

function resultOf(value: CellValue, result: MergeResult): CellValue | SeriesStats {
  if (result === 'value') return value
  if (result === 'size') return value instanceof Set ? value.size : (value as readonly number[]).length
  const numbers = value as readonly number[]
  return {
    count: numbers.length,
    sum: numbers.reduce((sum, each) => sum + each, 0),
    min: Math.min(...numbers),
    max: Math.max(...numbers),
  }
}
