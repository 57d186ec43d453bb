import assert from 'node:assert/strict'
import type { DriverTest } from '../driver-test.ts'
import { alike } from '../internal/same.ts'
import { placeOf, type TestContext } from '../test-context.ts'
import { answerOf, expectedOf } from './answers.ts'
import { linesOf } from './lines.ts'
import { apply, configOf, type Scenario } from './scenario.ts'
import { storyOf } from './story.ts'

/** All but the first have answers that the programs in `test/vectors` work out from the definitions, with other implementations of time zones and sketches. */
const FILES = ['scenarios.jsonl', 'every.jsonl', 'fills.jsonl', 'questions.jsonl', 'labels.jsonl', 'sketches.jsonl']

/** How many failed scenarios a message shows. */
const TOLD = 3

/**
 * Whole timeseries and their answers: one test for each place. The short size asks one question of each kind of intervals with each type, and one
 * of each place with each method.
 */
export function scenarioTests(size: 'short' | 'long'): DriverTest[] {
  const all = FILES.flatMap((file) => linesOf<Scenario>(file))
  const places = Map.groupBy(size === 'long' ? all : oneOfEach(all), ({ config }) => placeOf(config))
  return Array.from(places.values(), (scenarios) => {
    const { type, valueType } = scenarios[0]!.config
    return {
      types: [type],
      title: `vectors: ${type}${valueType === undefined ? '' : ` of ${valueType}`}`,
      run: (context) => runAll(context, scenarios),
    }
  })
}

function oneOfEach(all: readonly Scenario[]): Scenario[] {
  const chosen = new Map<string, Scenario>()
  for (const scenario of all) {
    const { kind, config, query } = scenario
    for (const key of [`${kind} ${config.type}`, `${placeOf(config)} ${query.method}`])
      if (!chosen.has(key)) chosen.set(key, scenario)
  }
  return [...new Set(chosen.values())]
}

/** Kinds have intervals of their own and do not touch each other, so a slow store can work on all of them at once. */
async function runAll(context: TestContext, scenarios: readonly Scenario[]): Promise<void> {
  const failures: string[] = []
  await Promise.all(
    [...Map.groupBy(scenarios, ({ kind }) => kind).values()].map(async (chain) => {
      for (const scenario of chain)
        await runOne(context, scenario).catch((error: Error) => failures.push(error.message))
    }),
  )
  if (failures.length === 0) return
  assert.fail(
    `${failures.length} of ${scenarios.length} scenarios fail, among them\n\n${failures.slice(0, TOLD).join('\n\n')}`,
  )
}

async function runOne(context: TestContext, scenario: Scenario): Promise<void> {
  const { timeseries, clock } = await context.emptied(configOf(scenario), scenario.now)
  for (const operation of scenario.ops) await apply(timeseries, clock, operation)
  alike(await answerOf(timeseries, scenario), expectedOf(scenario), storyOf(scenario))
}
