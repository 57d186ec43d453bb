import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryDriver } from '@kairos/core'
import { mapConcurrently } from '@kairos/core/driver'
import { afterAll, describe, expect, it } from 'vitest'
import { load } from '../../../examples/flights/src/load.ts'
import { openFlights } from '../../../examples/flights/src/timeseries.ts'
import { createAnyTimeseries } from '../../driver-tests/src/internal/any-timeseries.ts'
import { linesOf } from '../../driver-tests/src/vectors/lines.ts'
import { apply, configOf, type Scenario } from '../../driver-tests/src/vectors/scenario.ts'
import { type AnyTimeseries, digest } from '../src/index.ts'
import { moveAlong } from './support/chain.ts'

const long = process.env.KAIROS_TEST_SIZE === 'long'
const folder = mkdtempSync(join(tmpdir(), 'kairos-chain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const sqlite = (): string => `sqlite:${join(folder, `${files++}.db`)}`

/** Every server whose variable is set, in this order, and SQLite at the end. */
const servers = ['POSTGRES', 'REDIS', 'MONGO', 'CASSANDRA'].flatMap((kind) => {
  const url = process.env[`KAIROS_TEST_${kind}_URL`]
  return kind === 'CASSANDRA' && url !== undefined ? [`${url}/moved?replication=1`] : (url ?? [])
})

/** In the short size, the first of each type. */
function scenarios(): Scenario[] {
  const all = ['scenarios.jsonl', 'sketches.jsonl'].flatMap((file) => linesOf<Scenario>(file))
  const keyOf = ({ kind, config: { type, valueType } }: Scenario): string =>
    JSON.stringify(long ? [kind, type, valueType] : [type])
  return [...new Map(all.map((scenario) => [keyOf(scenario), scenario])).values()]
}

describe(`a migration through ${servers.length + 1} stores`, () => {
  it('leaves one digest of each golden scenario', { timeout: 3_600_000 }, async () => {
    let cells = 0
    await mapConcurrently(long ? 4 : 1, scenarios(), async (scenario) => {
      const clock = { now: scenario.now }
      const made = createAnyTimeseries(memoryDriver(), { ...configOf(scenario), now: () => clock.now })
      for (const operation of scenario.ops) await apply(made, clock, operation)
      const source = made as unknown as AnyTimeseries
      const before = await digest(source)
      cells += before.cells
      expect(await moveAlong(source, `s_${scenario.id}`, [sqlite(), ...servers, sqlite()])).toEqual(before)
    })
    expect(cells).toBeGreaterThan(long ? 2_000 : 20)
  })

  if (long)
    it("leaves one digest of the demo's data", { timeout: 3_600_000 }, async () => {
      const { close, loaded, ...flights } = openFlights(sqlite())
      await load({ ...flights, loaded, close })
      for (const [name, flown] of Object.entries(flights)) {
        const source = flown as unknown as AnyTimeseries
        expect(await moveAlong(source, name, [...servers, sqlite()])).toEqual(await digest(source))
      }
      await close()
    })
})
