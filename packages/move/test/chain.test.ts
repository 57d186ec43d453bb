import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryDriver } from '@kairos/core'
import { mapConcurrently, type StorageDriver } from '@kairos/core/driver'
import { sqlDriver } from '@kairos/sql'
import { afterAll, describe, expect, it } from 'vitest'
import { FIRST_DAY } from '../../../examples/flights/src/flights.ts'
import { load } from '../../../examples/flights/src/load.ts'
import { openFlights } from '../../../examples/flights/src/timeseries.ts'
import { cassandraDriver } from '../../cassandra/src/index.ts'
import { createAnyTimeseries } from '../../driver-tests/src/internal/any-timeseries.ts'
import { linesOf } from '../../driver-tests/src/vectors/lines.ts'
import { apply, configOf, type Scenario } from '../../driver-tests/src/vectors/scenario.ts'
import { mongoDriver } from '../../mongo/src/index.ts'
import { redisDriver } from '../../redis/src/index.ts'
import { type AnyTimeseries, digest } from '../src/index.ts'
import { moveAlong } from './support/chain.ts'

const long = process.env.KAIROS_TEST_SIZE === 'long'
const folder = mkdtempSync(join(tmpdir(), 'kairos-chain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const sqlite = (): string => `sqlite:${join(folder, `${files++}.db`)}`

/** Four servers on a machine with two cores answer slowly. */
const timeout = 120_000
const urlOf = (kind: string): string | undefined => process.env[`KAIROS_TEST_${kind}_URL`]
/** Every server whose variable is set, in this order. */
const servers = Object.entries<(url: string) => StorageDriver>({
  POSTGRES: (url) => sqlDriver(url, { timeout }),
  REDIS: (url) => redisDriver(url, { timeout }),
  MONGO: (url) => mongoDriver(url, { timeout }),
  CASSANDRA: (url) => cassandraDriver(`${url}/moved`, { replication: 1, timeout }),
}).flatMap(([kind, make]) => (urlOf(kind) === undefined ? [] : [make(urlOf(kind)!)]))
afterAll(() => Promise.all(servers.map((driver) => driver.close())))

/** In the short size, the first of each type. */
function scenarios(): Scenario[] {
  const all = ['scenarios.jsonl', 'sketches.jsonl'].flatMap((file) => linesOf<Scenario>(file))
  const keyOf = ({ kind, config: { type } }: Scenario): string => JSON.stringify(long ? [kind, type] : [type])
  return [...new Map(all.map((scenario) => [keyOf(scenario), scenario])).values()]
}

describe(`a migration through ${servers.length + 1} stores`, () => {
  it('leaves one digest of each golden scenario', { timeout: 3_600_000 }, async () => {
    let cells = 0
    await mapConcurrently(long ? 3 : 1, scenarios(), async (scenario) => {
      const clock = { now: scenario.now }
      const made = createAnyTimeseries(memoryDriver(), { ...configOf(scenario), now: () => clock.now })
      for (const operation of scenario.ops) await apply(made, clock, operation)
      const source = made as unknown as AnyTimeseries
      const before = await digest(source)
      cells += before.cells
      expect(await moveAlong(source, `s_${scenario.id}`, [sqlite(), ...servers, sqlite()])).toEqual(before)
    })
    expect(cells).toBeGreaterThan(long ? 500 : 20)
  })

  if (long)
    it("leaves one digest of the demo's data", { timeout: 3_600_000 }, async () => {
      const { close, loaded, ...flights } = openFlights(sqlite())
      await load({ ...flights, loaded, close })
      // The first hour is kept for one more second.
      const choice = { start: FIRST_DAY + 3_600 }
      for (const [name, flown] of Object.entries(flights)) {
        const source = flown as unknown as AnyTimeseries
        expect(await moveAlong(source, name, [...servers, sqlite()], choice)).toEqual(await digest(source, choice))
      }
      await close()
    })
})
