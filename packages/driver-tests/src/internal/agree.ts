import { KairosError, memoryDriver } from '@kairos/core'
import { type Clock, NOW, placeOf, type TestContext } from '../test-context.ts'
import { type AnyConfig, type AnyTimeseries, createAnyTimeseries } from './any-timeseries.ts'
import { alike } from './same.ts'

/** What a script finds out about a timeseries: answers by question. */
type Answers = Map<string, unknown>
export type Script = (timeseries: AnyTimeseries, clock: Clock, answers: Answers) => Promise<void>

/**
 * Runs a script on the driver under test and on the memory driver, each with an empty timeseries of this configuration, and fails unless all
 * answers agree.
 */
export async function agree(context: TestContext, config: AnyConfig, script: Script): Promise<void> {
  const driver = await context.driver(placeOf(config))
  const [found, expected] = [new Map(), new Map()] as [Answers, Answers]
  for (const [under, answers] of [
    [memoryDriver(), expected],
    [driver, found],
  ] as const) {
    const clock: Clock = { now: NOW }
    const timeseries = createAnyTimeseries(under, { ...config, now: () => clock.now })
    await timeseries.deleteAll()
    await script(timeseries, clock, answers)
    await timeseries.deleteAll()
    await timeseries.close()
  }
  alike(found, expected, 'the memory driver and this one disagree')
}

/** A call's answer, or the code of its error. */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    if (KairosError.is(error)) return { code: error.code }
    throw error
  }
}

/** The error of a call that must fail with this code. */
export async function failureOf(call: Promise<unknown>, code: string, what: string): Promise<KairosError> {
  let answer: unknown
  try {
    answer = await call
  } catch (error) {
    if (KairosError.is(error) && error.code === code) return error
    throw new Error(`${what}: want ${code}, and it rejects with ${String(error)}`, { cause: error })
  }
  throw new Error(`${what}: want ${code}, and it resolves to ${JSON.stringify(answer)}`)
}
