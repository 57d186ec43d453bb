import type { Capabilities } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { same } from '../internal/same.ts'
import { cell, expectCells, readCells, usualCells, write } from './cells.ts'

/** Numbers of every magnitude of a double, each with what is added to it. */
const PAIRS: readonly (readonly [count: number, change: number])[] = [
  ...([
    [2 ** 53, 2],
    // Sums between two doubles, and numbers that JavaScript spells with other digits than the ones they have.
    [2 ** 53, 1],
    [2 ** 53 - 1, 2],
    [2 ** 56, -(2 ** 56)],
    [-(2 ** 60) - 2 ** 10, 2 ** 60],
    [2 ** 62, 2 ** 62],
    [2 ** 63, 2 ** 63],
    [1e21, 1e21],
    [1e22, -1e21],
    [-(2 ** 64), 2 ** 63],
  ] as const),
  ...([
    [1e100, 1e100],
    [1e200, -1e200],
    [2 ** 968, 2 ** 968],
    [-(2 ** 969), 2 ** 968],
  ] as const),
  ...([
    [0.1, 0.2],
    [1 / 3, 1 / 3],
    [1e-7, 1e-8],
    [0.5, 2 ** 52],
    [123456789.12345678, 1e-9],
  ] as const),
  ...([
    [1e-300, 1e-301],
    [5e-324, 5e-324],
    [-2.2250738585072014e-308, 1e-320],
  ] as const),
]

/** Doubles add as doubles do everywhere: the sum of two is one number, the same on every store. */
export const sumTests: readonly DriverTest[] = [
  {
    title: 'merge: count: changes of every magnitude come back unchanged, and add up as doubles do, also back again',
    types: ['count'],
    async run(context) {
      const opened = await usualCells(context, 'count')
      const capabilities = await context.capabilities()
      const pairs = PAIRS.filter((pair) => pair.every((each) => isCountFor(capabilities, each)))
      const name = context.name()
      const query = { names: [name], interval: 'minute', range: { first: 0, last: pairs.length } }
      const cellsOf = (of: (pair: (typeof PAIRS)[number]) => number) =>
        pairs.map((pair, bucket) => cell(name, 'minute', bucket, 0, of(pair)))
      await write(
        opened,
        cellsOf(([count]) => count),
      )
      await expectCells(
        opened,
        query,
        cellsOf(([count]) => count),
        'a change alone',
      )
      await write(
        opened,
        cellsOf(([, change]) => change),
      )
      const found = await readCells(opened, query)
      for (const [bucket, [count, change]] of pairs.entries())
        same(found.get(`${bucket}/0 ${name}`), count + change, `${count} + ${change}`)
      // A store that keeps more digits than a double has shows them now.
      await write(
        opened,
        cellsOf(([count]) => -count),
      )
      const left = await readCells(opened, query)
      for (const [bucket, [count, change]] of pairs.entries())
        same(left.get(`${bucket}/0 ${name}`), count + change - count, `${count} + ${change} - ${count}`)
    },
  },
]

function isCountFor({ fractionalCounts, maxChange = Number.MAX_VALUE }: Capabilities, count: number): boolean {
  return (fractionalCounts || Number.isInteger(count)) && Math.abs(count) <= maxChange
}
