import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createAny } from '../support/any-timeseries.ts'

const isLong = process.env.KAIROS_TEST_SIZE === 'long'
const MANY = isLong ? 1_000_000 : 20_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

describe('many cells', () => {
  it('are copied in memory that does not grow with them', { timeout: 600_000 }, async () => {
    const config = { type: 'count', intervals: { second: { step: 1 } }, now: () => 0 }
    const from = createAny('memory:', config)
    const cells = function* () {
      for (let index = 0; index < MANY; index++)
        yield { name: `n${index % 1_000}`, timestamp: Math.floor(index / 1_000) * 60, value: index }
    }
    await from.bulkInsert(cells())
    let count = 0
    let sum = 0
    let most = 0
    const before = heap()
    // Counted, not kept: what grows is core's.
    const seen = async function* () {
      for await (const cell of from.cells()) {
        count++
        sum += cell.value as number
        if (count % (MANY / 10) === 0) most = Math.max(most, heap() - before)
        yield { ...cell, value: null }
      }
    }
    const to = createAny('memory:', config)
    expect(await to.write(seen(), { mode: 'replace' })).toMatchObject({ stored: MANY, unexpected: [] })
    expect(count).toBe(MANY)
    expect(sum).toBe((MANY * (MANY - 1)) / 2)
    expect(most).toBeLessThan(40_000_000)
  })
})
