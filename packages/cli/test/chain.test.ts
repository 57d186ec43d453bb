import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryDriver } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { load } from '../../../examples/flights/src/load.ts'
import { type FlightTimeseries, openFlights } from '../../../examples/flights/src/timeseries.ts'
import { createAnyTimeseries } from '../../driver-tests/src/internal/any-timeseries.ts'
import { linesOf } from '../../driver-tests/src/vectors/lines.ts'
import { apply, configOf, type Scenario } from '../../driver-tests/src/vectors/scenario.ts'
import { timeseriesLike } from '../../move/test/support/chain.ts'
import { isLong, kairos, rowsIn } from './support/kairos.ts'
import { ownPlaces } from './support/places.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-chain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const sqlite = (): string => `sqlite:${join(folder, `${files++}.db`)}`

interface Digested {
  readonly timeseries: string
  readonly cells: number
  readonly digest: string
}

async function digestsOf(store: string): Promise<Digested[]> {
  const { code, out, err } = await kairos(['digest', '--store', store])
  expect([code, err]).toEqual([0, ''])
  return rowsIn<Digested>(out).sort((one, other) => (one.timeseries < other.timeseries ? -1 : 1))
}

/** Moves all that a file holds from store to store, and says after each move what is there. */
async function moveAlong(first: string): Promise<void> {
  const before = await digestsOf(first)
  expect(Math.min(...before.map(({ cells }) => cells))).toBeGreaterThan(0)
  let from = first
  for (const to of [...(await ownPlaces()), sqlite()]) {
    const { code, out, err } = await kairos(['migrate', '--from', from, '--to', to, '--verify', '--patience', '120000'])
    expect({ to, code, err, moved: rowsIn(out).length }).toEqual({ to, code: 0, err: '', moved: before.length })
    expect(await digestsOf(to)).toEqual(before)
    from = to
  }
}

/** Of each type the first that leaves cells; in the long size, of each kind too. */
function scenarios(): Scenario[] {
  const all = ['scenarios.jsonl', 'sketches.jsonl'].flatMap((file) => linesOf<Scenario>(file))
  const lasting = all.filter(({ ops }) => !['delete', 'deleteAll'].includes(ops.at(-1)!.op))
  const keyOf = ({ kind, config: { type } }: Scenario): string => JSON.stringify(isLong ? [kind, type] : [type])
  return [...new Map(lasting.map((scenario) => [keyOf(scenario), scenario])).values()]
}

describe('a migration by the command through all stores', () => {
  // Processes that open the copies have the clock of today, when what these scenarios keep for a while is long over: here it is kept.
  it('leaves the digests of golden scenarios', { timeout: 3_600_000 }, async () => {
    const store = sqlite()
    for (const scenario of scenarios()) {
      const clock = { now: scenario.now }
      const made = createAnyTimeseries(memoryDriver(), { ...configOf(scenario), now: () => clock.now })
      const kept = timeseriesLike(made, `s_${scenario.id}`, store, true)
      for (const operation of scenario.ops) await apply(kept as never, clock, operation)
      await kept.close()
    }
    await moveAlong(store)
  })

  if (isLong)
    it("leaves the digests of the demo's data", { timeout: 3_600_000 }, async () => {
      const store = sqlite()
      const { close, ...flights } = openFlights(sqlite())
      const kept = Object.fromEntries(
        Object.entries(flights).map(([name, each]) => [name, timeseriesLike(each, name, store, true)]),
      )
      await load({ ...kept, close } as unknown as FlightTimeseries)
      for (const each of Object.values(kept)) await each.close()
      await close()
      await moveAlong(store)
    })
})
