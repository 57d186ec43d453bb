import { type DriverTest, ofTypes } from '../driver-test.ts'
import type { AnyTimeseries } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'
import { COPIED } from './copies.ts'

const DAY = 86_400

/** An interval that is made again from a finer one. */
export const rebuildTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) => ({
  title: `rebuild: ${type}: an interval holds what a finer one adds up to, once and repeated`,
  async skip(context) {
    const { replace } = (await context.driver(placeOf({ type }))).capabilities
    return replace === undefined ? 'capabilities.replace is absent' : null
  },
  async run(context) {
    const { timeseries } = await context.emptied({ type, intervals: COPIED })
    const points = ['a', 'b'].flatMap((name, own) =>
      Array.from({ length: 12 }, (_, index) => ({
        name,
        value: (index * 7 + own) % 5,
        timestamp: index * 7_919 - DAY,
      })),
    )
    await timeseries.bulkInsert(points)
    const days = () => cellsOf(timeseries)
    const expected = await days()
    const [first] = expected
    const wrong = expected.map((cell, index) => ({ ...cell, value: index % 3 === 0 ? null : first!.value }))
    // An hour for which there are no minutes.
    const stray = { ...first!, resolutionStart: first!.start + 23 * 3_600 }
    await timeseries.write([...wrong, stray], { mode: 'replace' })
    for (const round of ['once', 'twice']) {
      await timeseries.rebuild('copied day', { from: 'copied minute' })
      same(await days(), expected, `the days, rebuilt ${round}`)
    }
    await timeseries.deleteAll()
  },
}))

interface DayCell {
  readonly start: number
  readonly resolutionStart: number
  readonly value: unknown
}

async function cellsOf(timeseries: AnyTimeseries): Promise<DayCell[]> {
  const cells: DayCell[] = []
  for await (const cell of timeseries.cells({ intervals: ['copied day'] })) cells.push(cell as unknown as DayCell)
  return cells
}
