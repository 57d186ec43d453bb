import type { Scalar, SummaryValue, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { claim, show } from '../internal/same.ts'
import { type Cell, cell, readCells, usualCells, write } from '../store/cells.ts'

const ROUNDS = { short: 15, long: 200 } as const
/** One bucket each, so that a batch has several steps between which a reader may look. */
const BUCKETS = 4

/** One write's change to a cell: several values that must be read together or not at all. */
const whole = {
  series: (round: number) => [1, 2, 3, 4].map((part) => round * 10 + part),
  histogram: () => new Map<Scalar, number>([1, 2, 3, 4].map((value) => [value, 2])),
  set: (round: number) => new Set([1, 2, 3, 4].map((part) => round * 10 + part)),
  summary: (round: number): SummaryValue => ({
    count: 4,
    sum: 40,
    min: -round,
    max: round,
    last: round,
    lastAt: round,
  }),
  distribution: () => new Map([-20_000, 0, 16_384, 20_000].map((bin) => [bin, 2])),
}
type Divisible = keyof typeof whole

/** Whether a cell shows only complete changes. */
const isWhole: Readonly<Record<Divisible, (value: unknown) => boolean>> = {
  series: (value) =>
    [...Map.groupBy(value as readonly number[], (each) => Math.floor(each / 10)).values()].every(
      ({ length }) => length === 4,
    ),
  histogram: hasEqualTimes,
  set: (value) => (value as ReadonlySet<number>).size % 4 === 0,
  summary(value) {
    const { count, sum, min, max, last, lastAt } = value as SummaryValue
    return sum === count * 10 && min === -max && last === max && lastAt === max
  },
  distribution: hasEqualTimes,
}

function hasEqualTimes(value: unknown): boolean {
  const times = value as ReadonlyMap<number, number>
  return times.size === 4 && new Set(times.values()).size === 1
}

/** A change to one cell is one step for every concurrent reader and writer. */
export function halvesTests(size: 'short' | 'long'): DriverTest[] {
  const types = ['series', 'histogram', 'set', 'summary', 'distribution'] satisfies TimeseriesType[]
  return ofTypes(types, (type) => testOf(type as Divisible, size))
}

function testOf(type: Divisible, size: 'short' | 'long'): DriverTest {
  return {
    title: `concurrency: ${type}: a change of several values is visible as a whole, to readers and with other writers`,
    async run(context) {
      const [first, second] = [await usualCells(context, type), await usualCells(context, type, 1)]
      const name = context.name()
      const query = { names: [name], interval: 'minute', range: { first: 0, last: BUCKETS } }
      const cells = (round: number): Cell[] =>
        Array.from({ length: BUCKETS }, (_, bucket) => cell(name, 'minute', bucket, 0, whole[type](round)))
      let writing = true
      const writeRounds = async (): Promise<void> => {
        for (let round = 0; round < ROUNDS[size]; round++)
          await Promise.all([write(first, cells(2 * round)), write(second, cells(2 * round + 1))])
        writing = false
      }
      const look = async (): Promise<void> => {
        for (const [key, value] of await readCells(second, query))
          claim(isWhole[type](value), () => `${key} shows a part of a change: ${show(value)}`)
      }
      await Promise.all([
        writeRounds(),
        (async () => {
          while (writing) await look()
        })(),
      ])
      await look()
    },
  }
}
