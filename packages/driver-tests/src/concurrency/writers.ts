import type { Summary } from '@kairos/core'
import type { TimeseriesType } from '@kairos/core/driver'
import type { AnyConfig, AnyTimeseries } from '../internal/any-timeseries.ts'
import { dataOf } from '../internal/data.ts'
import { claim, same } from '../internal/same.ts'
import { NOW } from '../test-context.ts'

/** Where all writers write. */
const NAMES = ['shared one', 'shared two'] as const
/** The name that every process writes by one key. */
export const KEYED = 'written by one key'
const INTERVALS = { 'writers minute': { step: 60 }, 'writers hour': { step: 3600, resolution: 60 } }
const BUCKETS = 3

export function writersConfig(type: TimeseriesType): AnyConfig {
  return { type, intervals: INTERVALS }
}

/** What one of many writers does: `rounds` calls, single values and many at once in alternation, all into the same few cells. */
export async function writeAs(writer: number, rounds: number, timeseries: AnyTimeseries): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const value = writtenBy(writer, round)
    if (round % 2 === 0) {
      for (const name of NAMES) {
        for (let bucket = 0; bucket < BUCKETS; bucket++)
          await timeseries.insert(name, value, { timestamp: NOW + bucket * 60 })
      }
    } else {
      const buckets = Array.from({ length: BUCKETS }, (_, bucket) => NOW + bucket * 60)
      await timeseries.bulkInsert(
        new Map(buckets.map((moment) => [moment, new Map(NAMES.map((name) => [name, [value]]))])),
      )
    }
  }
}

/** Different for every writer and round, ascending in a writer's own rounds; for a count how often it counts. */
function writtenBy(writer: number, round: number): number {
  return writer * 1000 + round
}

/** Fails unless the store holds exactly what these writers wrote: nothing lost, nothing twice, each writer's values in their order. */
export async function expectWritten(
  type: TimeseriesType,
  writers: readonly number[],
  rounds: number,
  timeseries: AnyTimeseries,
): Promise<void> {
  const values = writers.flatMap((writer) => Array.from({ length: rounds }, (_, round) => writtenBy(writer, round)))
  for (const name of NAMES) {
    for (const interval of Object.keys(INTERVALS)) {
      const range = { start: NOW, end: NOW + (BUCKETS - 1) * 60 }
      const buckets = [...(await timeseries.series(name, interval, range)).values()]
      const cells = buckets.flatMap((data) =>
        interval === 'writers hour' ? [...(data as Map<number, unknown>).values()] : [data],
      )
      same(cells.length, BUCKETS, `cells of ${name} in ${interval}`)
      for (const [bucket, cell] of cells.entries()) {
        const together = await dataOf(type, values, NOW + bucket * 60)
        CHECKS[type](cell, { values, writers, together, what: `a cell of ${name} in ${interval}` })
      }
    }
  }
}

interface Expected {
  readonly values: readonly number[]
  readonly writers: readonly number[]
  /** What all values show that one writer wrote. */
  readonly together: unknown
  readonly what: string
}
type CellCheck = (cell: unknown, expected: Expected) => void

/** In whatever order the values arrived. */
const unordered: CellCheck = (cell, { together, what }) => same(cell, together, `the values in ${what}`)

const CHECKS: Readonly<Record<TimeseriesType, CellCheck>> = {
  count: unordered,
  series(cell, { values, writers, what }) {
    const found = cell as readonly number[]
    same([...found].sort(ascending), [...values].sort(ascending), `the values in ${what}`)
    for (const writer of writers) {
      const own = (value: number) => Math.floor(value / 1000) === writer
      same(found.filter(own), values.filter(own), `the values of writer ${writer}, in their order, in ${what}`)
    }
  },
  histogram: unordered,
  set: unordered,
  gauge: (cell, expected) => isLast(cell as number, expected),
  summary(cell, expected) {
    const found = cell as Summary
    isLast(found.last, expected)
    unordered({ ...found, last: (expected.together as Summary).last }, expected)
  },
  distribution: unordered,
  unique: unordered,
}

/** At one moment, what arrived last is the last that its writer wrote. */
function isLast(found: number, { values, writers, what }: Expected): void {
  const last = writers.map((writer) => values.findLast((value) => Math.floor(value / 1000) === writer))
  claim(
    last.includes(found),
    `the last in ${what} is ${found}, which is not any writer's last value: ${last.join(', ')}`,
  )
}

function ascending(a: number, b: number): number {
  return a - b
}
