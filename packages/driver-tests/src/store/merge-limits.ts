import type { CellValue, MergeResult, OriginalType, SeriesStats } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import type { TestContext } from '../test-context.ts'
import { cell, write } from './cells.ts'

/** Numbers, one to a bucket, and what they add up to, rounded once. */
const WHOLE: readonly (readonly [sum: number, numbers: readonly number[]])[] = [
  // Added one by one, or by databases that call an overflow 0, these would be something else.
  [1e308, [1e308, 1e308, -1e308]],
  [0, [1e308, 1e308, -1e308, -1e308]],
  [2 ** 53 + 2, [2 ** 53, 1, 1]],
  [1, [2 ** 53, 1, -(2 ** 53)]],
  [Number.MAX_SAFE_INTEGER, [Number.MAX_SAFE_INTEGER - 1, 1]],
  [-Number.MAX_SAFE_INTEGER, [-Number.MAX_SAFE_INTEGER]],
  // As integers of 64 bits, these overflow, or are less by one.
  [3 * 2 ** 62, [2 ** 62, 2 ** 62, 2 ** 62]],
  [0, [2 ** 63, -(2 ** 63)]],
  [1.5, [0.5, 1]],
]
const FLOATS: typeof WHOLE = [
  ...WHOLE,
  // As text, they have up to 24 characters, or 34 without an exponent.
  [-6.188820680327799e-15, [-6.188820680327799e-15]],
  [-1.2345678901234568e-10, [-1.2345678901234568e-10]],
  [-1.2345678901234567e-100, [-1.2345678901234567e-100]],
  [2.2250738585072014e-308, [2.2250738585072014e-308]],
  [1e-323, [5e-324, 5e-324]],
  [0.6, [0.1, 0.2, 0.3]],
]

/** `parts` are the cells of the numbers, `whole` what is merged of them. */
interface Limit {
  readonly type: OriginalType
  readonly result: MergeResult
  readonly sums: typeof WHOLE
  parts(numbers: readonly number[]): readonly CellValue[]
  whole(numbers: readonly number[], sum: number): CellValue | SeriesStats
}

const LIMITS: readonly Limit[] = [
  { type: 'count', result: 'value', sums: WHOLE, parts: (numbers) => numbers, whole: (_, sum) => sum },
  {
    type: 'series',
    result: 'stats',
    sums: FLOATS,
    parts: (numbers) => numbers.map((number) => [number]),
    whole: (numbers, sum) => ({ count: numbers.length, sum, min: Math.min(...numbers), max: Math.max(...numbers) }),
  },
  ...(['histogram', 'set'] as const).map(
    (type): Limit => ({
      type,
      result: 'value',
      sums: FLOATS,
      parts: (numbers) => numbers.map((number) => kinds[type].of([number])),
      whole: (numbers) => kinds[type].of(numbers),
    }),
  ),
]

/** What the store merges of numbers at the limits of a double is what core would merge, or it leaves them to core. */
export const mergeLimitTests: readonly DriverTest[] = LIMITS.map((limit) => ({
  types: [limit.type],
  title: `merges: ${limit.type}: ${limit.result}: numbers at the limits keep their digits, and sums that round or overflow are left to core`,
  async skip(context) {
    const { merges = {} } = await context.capabilities()
    const { type, result } = limit
    return merges[type]?.includes(result) ? null : `capabilities.merges.${type} leaves out ${result}`
  },
  run: (context) => expectLimits(context, limit),
}))

async function expectLimits(context: TestContext, { type, result, sums, parts, whole }: Limit): Promise<void> {
  const { maxChange = Number.MAX_VALUE } = await context.capabilities()
  const opened = await context.cells({ type, intervals: { 'merged limits': { step: 60 } } })
  const fitting = sums
    .filter(([, numbers]) => numbers.every((number) => Math.abs(number) <= maxChange))
    .map(([sum, numbers]) => ({ name: context.name(), numbers, sum }))
  const cellsOf = ({ name, numbers }: (typeof fitting)[number]) =>
    parts(numbers).map((part, bucket) => cell(name, 'merged limits', bucket, 0, part))
  await write(opened, fitting.flatMap(cellsOf))
  for (const { name, numbers, sum } of fitting) {
    const place = { names: [name], interval: 'merged limits', range: { first: 0, last: 9 } }
    const query = { ...place, result, groups: { starts: [0] }, split: false, resolution: false }
    const merged = await opened.store.merge!(query)
    if (merged !== null)
      same(merged, [{ name: '', bucket: 0, resolutionBucket: 0, value: whole(numbers, sum) }], `merge of ${numbers}`)
  }
}
