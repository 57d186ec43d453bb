import assert from 'node:assert/strict'
import { type Bench, placeOf } from '../bench.ts'
import type { DriverTest } from '../driver-test.ts'
import { alike } from '../internal/same.ts'
import { answerOf, expectedOf } from './answers.ts'
import { linesOf } from './lines.ts'
import { apply, configOf, type Scenario } from './scenario.ts'

/** How many failed scenarios a message tells of. */
const TOLD = 3

/** Whole timeseries and their answers: one test for each place. */
export function scenarioTests(): DriverTest[] {
  const places = Map.groupBy(linesOf<Scenario>('scenarios.jsonl'), ({ config }) => placeOf(config))
  return Array.from(places.values(), (scenarios) => {
    const { type, valueType } = scenarios[0]!.config
    return {
      title: `vectors: ${type}${valueType === undefined ? '' : ` of ${valueType}`}`,
      run: (bench) => runAll(bench, scenarios),
    }
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
