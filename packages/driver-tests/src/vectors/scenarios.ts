import assert from 'node:assert/strict'
import { type Bench, placeOf } from '../bench.ts'
import type { DriverTest } from '../driver-test.ts'
import { alike } from '../internal/same.ts'
import { answerOf, expectedOf } from './answers.ts'
import { linesOf } from './lines.ts'
import { apply, configOf, type Scenario } from './scenario.ts'

/** How many failed scenarios a message tells of. */
const TOLD = 3

/** Whole timeseries and their answers, one test for each place: all of them in the long size, else one for each kind, type and question. */
export function scenarioTests(size: 'short' | 'long'): DriverTest[] {
  const scenarios = linesOf<Scenario>('scenarios.jsonl')
  const chosen = size === 'long' ? scenarios : selection(scenarios)
  return [...Map.groupBy(chosen, ({ config }) => placeOf(config)).values()].map((together) => {
    const { type, valueType } = together[0]!.config
    return {
      title: `vectors: ${type}${valueType === undefined ? '' : ` of ${valueType}`}`,
      run: (bench) => runAll(bench, together),
    }
  })
}

/** The first scenario of each kind, type, valueType and question. */
function selection(scenarios: readonly Scenario[]): Scenario[] {
  const seen = new Set<string>()
  return scenarios.filter(({ kind, config, query }) => {
    const key = [kind, placeOf(config), query.method].join()
    return !seen.has(key) && seen.add(key)
  })
}

/** Kinds have intervals of their own and do not touch each other, so a slow store can work on all of them at once. */
async function runAll(bench: Bench, scenarios: readonly Scenario[]): Promise<void> {
  const failures: string[] = []
  await Promise.all(
    [...Map.groupBy(scenarios, ({ kind }) => kind).values()].map(async (chain) => {
      for (const scenario of chain) {
        await runOne(bench, scenario).catch((error: Error) => failures.push(`${error.message}\n  ${toldAs(scenario)}`))
      }
    }),
  )
  if (failures.length === 0) return
  assert.fail(
    `${failures.length} of ${scenarios.length} scenarios fail, among them\n${failures.slice(0, TOLD).join('\n')}`,
  )
}

async function runOne(bench: Bench, scenario: Scenario): Promise<void> {
  const { timeseries, clock } = await bench.emptied(configOf(scenario), scenario.now)
  for (const operation of scenario.ops) await apply(timeseries, clock, operation)
  alike(await answerOf(timeseries, scenario), expectedOf(scenario), scenario.id)
}

function toldAs({ config, now, ops, query }: Scenario): string {
  return `where ${JSON.stringify({ config, now, ops, query })}`
}
