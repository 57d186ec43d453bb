import { describe, expect, it } from 'vitest'
import { createAny } from '../support/any-timeseries.ts'

const isLong = process.env.KAIROS_TEST_SIZE === 'long'
const MANY = isLong ? 1_000_000 : 20_000

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
    const before = process.memoryUsage().heapUsed
    // Counted, not kept: what grows is core's.
    const seen = async function* () {
      for await (const cell of from.cells()) {
        count++
        sum += cell.value as number
        if (count % 50_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before)
        yield { ...cell, value: null }
      }
    }
    const to = createAny('memory:', config)
    expect(await to.write(seen(), { mode: 'replace' })).toMatchObject({ stored: MANY, unexpected: [] })
    expect(count).toBe(MANY)
    expect(sum).toBe((MANY * (MANY - 1)) / 2)
    expect(most).toBeLessThan(150_000_000)
  })
})
