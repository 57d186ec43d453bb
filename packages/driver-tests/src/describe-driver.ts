import { type DriverTest, reasonToSkip, type TestGroup } from './driver-test.ts'
import { groupsFor } from './groups.ts'
import type { Deviation, DriverTestOptions, TestRunner } from './options.ts'
import { TestContext } from './test-context.ts'

/** Milliseconds. A busy machine may take ten times as long as an idle one. */
const DEFAULT_TIMEOUTS = { short: 120_000, long: 600_000 }

/** The groups that depend on a server's commands and answers, and on its client. */
const ASKED_OF_EACH_SERVER = ['store contract', 'event streams', 'concurrency', 'faults']

/** The prefix of the reason for each skipped test, by which a reporter can tell it from a forgotten one. */
const NOT_ASKED = 'not asked of this driver: '

/**
 * Registers every test of the kit with the caller's test runner: the store contract, the golden vectors, a random comparison with the memory
 * driver, and concurrency. Requires only `describe`, `it` and one closing hook from the runner.
 * @throws TypeError for invalid options, deviations that name no test among them
 * @example
 * import { afterAll, describe, it } from 'vitest'
 * describeDriver({ runner: { describe, it, afterAll }, create: ({ place }) => myDriver({ prefix: place }) })
 */
export function describeDriver(given: DriverTestOptions): void {
  const size = given.size ?? (process.env.KAIROS_TEST_SIZE === 'long' ? 'long' : 'short')
  const options: DriverTestOptions = { ...given, size }
  const { runner, name = 'storage driver', timeout = DEFAULT_TIMEOUTS[size] } = options
  const all = groupsFor(options)
  const asked = options.further === true && size === 'short' ? selected(all, ASKED_OF_EACH_SERVER) : all
  const groups = asked.filter((group) => selected(all, options.groups).includes(group))
  const deviations = deviationsByTitle(
    options.deviations ?? [],
    all.flatMap((group) => group.tests),
  )
  const context = new TestContext(options)
  const closing = closingHook(runner)
  runner.describe(name, () => {
    closing(() => context.close())
    for (const group of groups) {
      const tests = group.tests.filter((test) => size === 'long' || !test.long)
      runner.describe(group.title, () => {
        for (const test of tests) register(runner, test, context, deviations.get(test.title), timeout)
      })
    }
  })
}

function selected(groups: readonly TestGroup[], titles: readonly string[] | undefined): readonly TestGroup[] {
  if (titles === undefined) return groups
  const known = groups.map(({ title }) => title)
  for (const title of titles) {
    if (!known.includes(title))
      throw new TypeError(`groups: the kit has no group "${title}"; known: ${known.join(', ')}`)
  }
  return groups.filter(({ title }) => titles.includes(title))
}

function register(
  runner: TestRunner,
  test: DriverTest,
  context: TestContext,
  deviation: Deviation | undefined,
  timeout: number,
): void {
  const run = deviation === undefined ? () => test.run(context) : () => runDeviation(test, context, deviation)
  runner.it(
    test.title,
    async function (this: unknown, ...given: unknown[]) {
      // mocha takes a test's time from its context, the others from the third argument.
      if (isMochaContext(this)) this.timeout(timeout)
      const reason = await reasonToSkip(test, context)
      if (reason === null) await run().finally(() => context.tidy())
      else skip([...given, this], reason)
    },
    timeout,
  )
}

async function runDeviation(test: DriverTest, context: TestContext, deviation: Deviation): Promise<void> {
  try {
    await test.run(context)
  } catch {
    return
  }
  throw new Error(`"${test.title}" passes: take the deviation "${deviation.reason}" out of the list`)
}

function deviationsByTitle(
  deviations: readonly Deviation[],
  tests: readonly DriverTest[],
): ReadonlyMap<string, Deviation> {
  const titles = new Set(tests.map((test) => test.title))
  for (const { test } of deviations) {
    if (!titles.has(test)) throw new TypeError(`deviations: the kit has no test "${test}"`)
  }
  return new Map(deviations.map((deviation) => [deviation.test, deviation]))
}

function closingHook(runner: TestRunner): (close: () => Promise<void>) => unknown {
  const hook = runner.afterAll ?? runner.after ?? runner.afterEach
  if (hook === undefined)
    throw new TypeError('runner: the kit needs one of afterAll, after and afterEach, to close what it opened')
  return hook
}

/**
 * Tells the runner that a test is skipped, and why: vitest and node:test through the test's argument, mocha through `this`. jest has no way, so that
 * there the test passes.
 */
function skip(contexts: readonly unknown[], reason: string): void {
  contexts.find(canSkip)?.skip(`${NOT_ASKED}${reason}`)
}

function canSkip(context: unknown): context is { skip(reason: string): void } {
  const isObject = (typeof context === 'object' && context !== null) || typeof context === 'function'
  return isObject && 'skip' in context && typeof context.skip === 'function'
}

function isMochaContext(context: unknown): context is { timeout(milliseconds: number): void } {
  return (
    typeof context === 'object' && context !== null && 'timeout' in context && typeof context.timeout === 'function'
  )
}
