import type { TimeseriesType } from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { claim, same } from '../internal/same.ts'
import type { ProcessOptions } from '../options.ts'
import type { TestContext } from '../test-context.ts'
import type { KilledRequest } from './killed-process.ts'
import { afterWrites, killedConfig, killedName, killedValue, sizeOf } from './killed-writes.ts'
import { startProcess } from './start-process.ts'

/** How many writes of each caller are acknowledged before the process is killed. */
const ENOUGH = { short: 4, long: 40 } as const
/** How many callers of each type share their batches. */
const CALLERS = { short: 3, long: 12 } as const

export function killedTest(processes: ProcessOptions | undefined, size: 'short' | 'long'): DriverTest {
  const callers = Array.from({ length: CALLERS[size] }, (_, caller) => caller)
  return {
    title: 'concurrency: what a process has acknowledged is visible to another, and survives a kill',
    async run(context) {
      const types = await context.types()
      for (const type of types) await context.emptied(killedConfig(type))
      if (processes!.exclusive) await context.close()
      const acknowledged = new Map(types.map((type) => [type, callers.map(() => 0)]))
      const writer = startProcess<KilledRequest>(processes!, 'killed-process', { callers: callers.length, types })
      const enough = new Promise<void>((resolve) => {
        writer.onLine((line) => {
          const [type, caller, write] = line.split(' ') as [TimeseriesType, string, string]
          acknowledged.get(type)![Number(caller)] = Number(write)
          if (Math.min(...[...acknowledged.values()].flat()) >= ENOUGH[size]) resolve()
        })
      })
      try {
        const early = await Promise.race([enough, writer.ended])
        claim(early === undefined, () => `the process that writes ended by itself with ${early!.code}:\n${early!.said}`)
        // If only one process may have the store open, this one looks after the other has ended.
        for (const [type, counts] of processes!.exclusive ? [] : [...acknowledged].map(copied)) {
          for (const { caller, interval, cell } of await cellsOf(context, type, callers)) {
            const confirmed = counts[caller]!
            const least = sizeOf(await afterWrites(type, confirmed))
            claim(
              sizeOf(cell) >= least,
              () =>
                `${confirmed} writes were acknowledged to another process, and ${type} in ${interval} shows ${sizeOf(cell)}`,
            )
          }
        }
      } finally {
        writer.kill()
        await writer.ended
      }
      for (const type of types) {
        for (const { caller, interval, cell } of await cellsOf(context, type, callers)) {
          const confirmed = acknowledged.get(type)![caller]!
          const expected = await afterWrites(type, confirmed)
          // One more may have been on its way, in one interval or in both.
          const what = `${type} in ${interval}, after ${confirmed} acknowledged writes and a kill`
          same(cell, sizeOf(cell) > sizeOf(expected) ? await afterWrites(type, confirmed + 1) : expected, what)
        }
        const { timeseries } = await context.timeseries(killedConfig(type))
        await timeseries.deleteAll()
        const [first] = callers
        await timeseries.insert(killedName(first!), killedValue(type, 1))
        for (const { interval, cell } of await cellsOf(context, type, [first!]))
          same(
            cell,
            await afterWrites(type, 1),
            `${type} in ${interval}, written by this process after the other was killed`,
          )
        await timeseries.deleteAll()
      }
    },
  }
}

/** As it was, while more are acknowledged. */
function copied([type, counts]: readonly [TimeseriesType, readonly number[]]): [TimeseriesType, readonly number[]] {
  return [type, [...counts]]
}

interface FoundCell {
  readonly caller: number
  readonly interval: string
  /** Undefined if there is none. */
  readonly cell: unknown
}

/** The one cell of each caller in each interval. */
function cellsOf(context: TestContext, type: TimeseriesType, callers: readonly number[]): Promise<FoundCell[]> {
  const intervals = Object.keys(killedConfig(type).intervals)
  return Promise.all(
    callers.flatMap((caller) =>
      intervals.map(async (interval) => {
        const { timeseries } = await context.timeseries(killedConfig(type))
        const [cell] = (await timeseries.get(killedName(caller), interval)).values()
        return { caller, interval, cell }
      }),
    ),
  )
}
