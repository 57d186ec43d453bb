import type { OriginalType, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { dataOf } from '../internal/data.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES, TYPES } from '../internal/types.ts'
import { NOW } from '../test-context.ts'
import { expectWritten, writeAs, writersConfig } from './writers.ts'

const WRITERS = 16
const ROUNDS = { short: 4, long: 25 } as const

export function callerTests(size: 'short' | 'long'): DriverTest[] {
  return [...ofTypes(ALL_TYPES, (type) => sameCells(type, ROUNDS[size])), ...ofTypes(TYPES, otherNames)]
}

function sameCells(type: TimeseriesType, rounds: number): DriverTest {
  return {
    title: `concurrency: ${type}: many callers of two instances write the same cells, and nothing is lost or doubled`,
    async run(context) {
      const { timeseries: first } = await context.emptied(writersConfig(type))
      const { timeseries: second } = await context.timeseries(writersConfig(type), 1)
      const writers = Array.from({ length: WRITERS }, (_, index) => index + 1)
      await Promise.all(writers.map((writer) => writeAs(writer, rounds, writer % 2 === 0 ? first : second)))
      await expectWritten(type, writers, rounds, first)
      await expectWritten(type, writers, rounds, second)
      await first.deleteAll()
    },
  }
}

function otherNames(type: OriginalType): DriverTest {
  return {
    title: `concurrency: ${type}: writes and deletes of other names do not affect a name`,
    async run(context) {
      const { timeseries: first } = await context.emptied(writersConfig(type))
      const { timeseries: second } = await context.timeseries(writersConfig(type), 1)
      await Promise.all(
        Array.from({ length: 8 }, async (_, caller) => {
          const timeseries = caller % 2 === 0 ? first : second
          const name = `caller ${caller}`
          for (let round = 0; round < 3; round++) {
            await timeseries.insert(name, 1)
            await timeseries.delete(name)
            await timeseries.insert(name, 7, { timestamp: NOW })
            const other = caller % 2 === 0 ? second : first
            const [[, data]] = [...(await other.get(name, 'writers minute'))] as [[number, unknown]]
            same(data, await dataOf(type, [7]), `${name}, written after it was deleted, read by the other instance`)
          }
        }),
      )
      same((await first.list()).length, 8, 'how many names there are')
      await first.deleteAll()
    },
  }
}
