import type { DriverTest } from '../driver-test.ts'
import type { AnyConfig, AnyTimeseries } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import type { TestContext } from '../test-context.ts'

const INTERVAL = 'limited minute'
const NAME = 'limited'
/** How many callers may pass. */
export const LIMIT = 10
const CALLERS = 40
/** What a process prints before the number of its callers that passed. */
export const LIMITED = 'passed: '

export const limitedConfig: AnyConfig = { type: 'count', intervals: { [INTERVAL]: { step: 60 } } }

/** This many callers at once, each with one call; resolves to how many passed. */
export async function passing(timeseries: readonly AnyTimeseries[], callers: number): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const { value } = await timeseries[caller % timeseries.length]!.insert(NAME, 1, { returning: INTERVAL })
      return value
    }),
  )
  return counts.filter((count) => count !== undefined && count <= LIMIT).length
}

export const limitedTests: readonly DriverTest[] = [
  {
    title: `concurrency: of ${CALLERS} callers of two instances, exactly ${LIMIT} pass a limit of ${LIMIT}`,
    types: ['count'],
    async skip(context) {
      return (await isLimited(context)) ? null : 'capabilities.returning is absent'
    },
    async run(context) {
      const { timeseries: first } = await context.emptied(limitedConfig)
      const { timeseries: second } = await context.timeseries(limitedConfig, 1)
      same(await passing([first, second], CALLERS), LIMIT, 'callers that passed')
      same([...(await first.get(NAME, INTERVAL)).values()], [CALLERS], 'the count afterwards')
      await first.deleteAll()
    },
  },
]

/** Whether the driver tells a count in the step that adds to it. */
export async function isLimited(context: TestContext): Promise<boolean> {
  const { returning } = await context.capabilities()
  return returning === true && (await context.types()).includes('count')
}
