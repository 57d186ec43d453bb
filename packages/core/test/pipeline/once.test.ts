import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'
import { answerLost, faultyDriver } from '../support/faulty-driver.ts'

const config = (type = 'count'): object => ({ type, intervals: { minute: { step: 60 } }, now: () => 0 })

describe('a key of the caller', () => {
  it('adds once, whatever process writes again, and says so', async () => {
    const driver = memoryDriver()
    const [one, other] = [createAny(driver, config()), createAny(driver, config())]
    expect(await one.insert('a', 5, { once: 'job-42' })).toEqual({ stored: 1, expired: 0 })
    expect(await one.insert('a', 5, { once: 'job-42' })).toEqual({ stored: 0, expired: 0, repeated: true })
    expect(await other.bulkInsert([{ name: 'a', value: 5 }], { once: 'job-42' })).toMatchObject({ repeated: true })
    expect(await other.bulkInsert(new Map([[null, { a: [5] }]]), { once: 'job-43' })).toEqual({ stored: 1, expired: 0 })
    expect([...(await one.get('a', 'minute')).values()]).toEqual([10])
  })

  it('may be used after an error: what was lost is stored once', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config())
    driver.faults.push(answerLost('never'))
    const error = await failureOf(() => counts.insert('a', 1, { once: 'job' }), 'KAIROS_STORE_FAILED')
    expect(error.maybeApplied).toHaveLength(1)
    expect(await counts.insert('a', 1, { once: 'job' })).toMatchObject({ stored: 0, repeated: true })
    expect([...(await counts.get('a', 'minute')).values()]).toEqual([1])
  })

  it('of a write whose answer was lost once: the next attempt says that it is stored', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config())
    driver.faults.push(answerLost('now'))
    expect(await counts.insert('a', 1, { once: 'job' })).toEqual({ stored: 1, expired: 0 })
    expect(driver.batches.map(({ id }) => id)).toEqual(['key:job', 'key:job'])
  })

  it('and the ids of core never meet', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config())
    await counts.insert('a', 1, { delivery: 'once' })
    await counts.insert('a', 1, { once: driver.batches[0]!.id })
    await counts.insert('a', 1, { once: 'job', delivery: 'once' })
    expect(driver.batches.map(({ id }) => id!.slice(0, 4))).toEqual([`id:${driver.batches[0]!.id![3]}`, 'key:', 'key:'])
    expect([...(await counts.get('a', 'minute')).values()]).toEqual([3])
  })

  it.each(['', 'x'.repeat(1_001), 5, null, '\ud800'])('is 1 to 1,000 characters, not %o', async (once) => {
    const counts = createAny('memory:', config())
    expect((await failureOf(() => counts.insert('a', 1, { once }), 'KAIROS_INVALID_CONFIG')).path).toBe('once')
  })

  it('may have 1,000 characters', async () => {
    expect(await createAny('memory:', config()).insert('a', 1, { once: 'x'.repeat(1_000) })).toMatchObject({
      stored: 1,
    })
  })

  it('is refused where the store keeps none', async () => {
    for (const exactlyOnce of [false, { seconds: 0 }]) {
      const counts = createAny(faultyDriver({ exactlyOnce } as object), config())
      const error = await failureOf(() => counts.insert('a', 1, { once: 'x' }), 'KAIROS_UNSUPPORTED')
      expect(error).toMatchObject({ driver: 'faulty', feature: 'exactlyOnce' })
    }
    await createAny(faultyDriver({ exactlyOnce: { seconds: 0 } }), config()).insert('a', 1, { delivery: 'once' })
  })

  it('is refused for iterables, and for more than one batch', async () => {
    const driver = faultyDriver()
    const counts = createAny(driver, config())
    const many = Array.from({ length: 10_001 }, (_, index) => ({ name: `n${index}` }))
    async function* source(): AsyncGenerator<object> {
      yield* many
    }
    for (const points of [many, new Set(many.slice(0, 1)), source()])
      expect((await failureOf(() => counts.bulkInsert(points, { once: 'x' }), 'KAIROS_INVALID_CONFIG')).path).toBe(
        'once',
      )
    await failureOf(
      () => counts.bulkInsert(many.slice(0, 150), { once: 'x', intervals: 9_999 }),
      'KAIROS_INVALID_CONFIG',
    )
    expect(driver.batches).toEqual([])
    await counts.bulkInsert(many.slice(1), { once: 'x' })
  })
})

describe('a keyed batch that is refused', () => {
  it('is refused again, all of it, and stored once there is room', async () => {
    const counts = createAny(memoryDriver(), config())
    await counts.insert('full', 1.7e308)
    const points = [
      { name: 'full', value: 1.7e308 },
      { name: 'other', value: 1 },
    ]
    for (let time = 0; time < 2; time++) {
      const error = await failureOf(() => counts.bulkInsert(points, { once: 'key' }), 'KAIROS_STORE_FAILED')
      expect(error.stored).toBe(0)
      expect(error.notApplied).toHaveLength(2)
    }
    await counts.delete('full')
    expect(await counts.bulkInsert(points, { once: 'key' })).toMatchObject({ stored: 2 })
    expect(await counts.bulkInsert(points, { once: 'key' })).toMatchObject({ stored: 0, repeated: true })
  })
})
