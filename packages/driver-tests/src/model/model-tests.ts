import { memoryDriver } from '@kairos/core'
import { messageOf, type TimeseriesType } from '@kairos/core/driver'
import fc from 'fast-check'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import { alike } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { DriverTestOptions } from '../options.ts'
import { NOW, placeOf, type TestContext } from '../test-context.ts'
import { commandArbitraries, INTERVALS, type Model, type Real, sightOf, type TimeseriesCommand } from './commands.ts'

/** How many random runs each type gets, and how many commands one run has at most. */
const RUNS = { short: 10, long: 400 } as const
const COMMANDS = { short: 25, long: 60 } as const

/** Shrinking may take long on a slow store: a failed test uses at most this part of its time. */
const PART_OF_TIMEOUT = 0.5

export function modelTests({ size = 'short', seed, timeout = 120_000 }: DriverTestOptions): DriverTest[] {
  return ofTypes(ALL_TYPES, (type) => ({
    title: `model: ${type}: random calls on two instances give the same answers as the memory driver`,
    async run(context) {
      const chosen = seed ?? Math.floor(Math.random() * 2 ** 31)
      const { capabilities } = await context.driver(placeOf({ type }))
      const arbitraries = commandArbitraries(type, capabilities.expiry[type] === 'sweep')
      const commands = fc.commands(arbitraries, { maxCommands: COMMANDS[size], size: 'max' })
      const property = fc.asyncProperty(commands, async (each) => {
        const { model, real } = await prepare(context, type)
        await fc.asyncModelRun(() => ({ model, real }), each)
        const expected = await sightOf(model.timeseries)
        for (const [index, instance] of real.instances.entries())
          alike(await sightOf(instance), expected, `what instance ${index} shows in the end`)
      })
      const details = await fc.check(property, {
        seed: chosen,
        numRuns: RUNS[size],
        interruptAfterTimeLimit: timeout * PART_OF_TIMEOUT,
      })
      if (!details.failed) return
      if (details.interrupted && details.counterexample === null)
        throw new Error(`not one run of random calls ended in ${timeout * PART_OF_TIMEOUT} ms`)
      throw new Error(
        `${historyOf(details.counterexample?.[0])}\n${messageOf(details.errorInstance)}\n` +
          `(run ${details.numRuns}, shrunk ${details.numShrinks} times; describeDriver({ …, seed: ${chosen} }) repeats it)`,
        { cause: details.errorInstance },
      )
    },
  }))
}

async function prepare(context: TestContext, type: TimeseriesType): Promise<{ model: Model; real: Real }> {
  const config = { type, intervals: INTERVALS }
  const { timeseries: first, clock } = await context.emptied(config)
  // What the store merges for the first, core merges for the second.
  const { timeseries: second } = await context.timeseries(config, 1, true)
  const own = { now: NOW }
  const timeseries = createAnyTimeseries(memoryDriver(), { ...config, now: () => own.now })
  return { model: { timeseries, clock: own }, real: { instances: [first, second], clock } }
}

/** The calls that lead to the failure; fast-check ends them with a comment that only its own options understand. */
function historyOf(commands: Iterable<TimeseriesCommand> | undefined): string {
  const calls = String(commands).replace(/ ?\/\*.*\*\/$/s, '')
  if (calls === '') return 'after no call but the deleteAll() by the first instance that empties each run'
  return `after the calls ${calls}`
}
