import { afterEach, describe, expect, it, vi } from 'vitest'
import { ArrivalQueue } from '../src/calls/arrival-queue.ts'
import { createTimeseries, memoryDriver } from '../src/index.ts'

const config = { type: 'series', intervals: { all: { step: 1_000_000 } }, now: () => 0 } as const

// The parts of core are loaded once for each process, so that this must be the first test.
it('a write does not overtake a delete whose part is still being loaded', async () => {
  const series = createTimeseries(memoryDriver(), config)
  await series.insert('a', 1)
  const deleted = series.delete('a')
  await series.insert('a', 2)
  await deleted
  expect(await series.get('a', 'all')).toEqual(new Map([[0, [2]]]))
})

it('writes before the store is open are written in their order', async () => {
  const series = createTimeseries(memoryDriver(), config)
  const numbers = Array.from({ length: 20 }, (_, index) => index)
  await Promise.all(
    numbers.map((number) =>
      number % 2 === 0 ? series.insert('a', number) : series.bulkInsert([{ name: 'a', value: number }]),
    ),
  )
  expect(await series.get('a', 'all')).toEqual(new Map([[0, numbers]]))
})

describe('before the code of calls is loaded', () => {
  afterEach(() => vi.doUnmock('../src/loaded-timeseries.ts'))

  /** Core as it is when a process begins. */
  async function fresh() {
    vi.resetModules()
    const [{ createAny }, { memoryDriver }] = await Promise.all([
      import('./support/any-timeseries.ts'),
      import('../src/index.ts'),
    ])
    return { createAny, memoryDriver }
  }

  it('calls wait in their order: what comes before close is done, what comes after it is refused', async () => {
    const { createAny, memoryDriver } = await fresh()
    const driver = memoryDriver()
    const series = createAny(driver, config)
    const before = series.insert('a', 1)
    const closed = series.close()
    const after = series.insert('a', 2).catch((error: unknown) => error)
    expect(await before).toEqual({ stored: 1, expired: 0 })
    await closed
    expect(await after).toMatchObject({ code: 'KAIROS_CLOSED' })
    expect(await createAny(driver, config).get('a', 'all')).toEqual(new Map([[0, [1]]]))
  })

  it('a call that comes when it has just been loaded does not overtake those that wait', async () => {
    const loaded = Promise.withResolvers<void>()
    const { loadTimeseries } = await import('../src/loaded-timeseries.ts')
    vi.doMock('../src/loaded-timeseries.ts', () => ({
      loadTimeseries(...given: Parameters<typeof loadTimeseries>) {
        loaded.resolve()
        return loadTimeseries(...given)
      },
    }))
    const { createAny, memoryDriver } = await fresh()
    const series = createAny(memoryDriver(), config)
    const numbers = Array.from({ length: 40 }, (_, index) => index)
    const early = numbers.slice(0, 20).map((number) => series.insert('a', number))
    await loaded.promise
    const late: Promise<unknown>[] = []
    for (const number of numbers.slice(20)) {
      late.push(series.insert('a', number))
      await null
    }
    await Promise.all([...early, ...late])
    expect(await series.get('a', 'all')).toEqual(new Map([[0, numbers]]))
  })

  it('a call whose code cannot be loaded is rejected, and the next one loads it again', async () => {
    let failures = 0
    const { createAny, memoryDriver } = await fresh()
    vi.doMock('../src/loaded-timeseries.ts', async (original) => {
      if (failures++ === 0) throw new Error('no such file')
      return original()
    })
    const series = createAny(memoryDriver(), config)
    const [one, other] = await Promise.allSettled([series.insert('a', 1), series.insert('a', 2)])
    expect([one.status, other.status]).toEqual(['rejected', 'rejected'])
    await series.insert('a', 3)
    expect(await series.get('a', 'all')).toEqual(new Map([[0, [3]]]))
  })
})

it('work begins after all that came before it, however fast it is prepared; what fails holds nothing up', async () => {
  const queue = new ArrivalQueue()
  const begun: string[] = []
  const { promise: prepared, resolve: finish } = Promise.withResolvers<void>()
  const work = (name: string) => async () => {
    begun.push(name)
  }
  const slow = queue.start(async (turn) => {
    await prepared
    await turn
    return work('slow')
  })
  const failing = queue.start<void>(() => Promise.reject(new Error('not prepared')))
  const fast = queue.start(async (turn) => {
    await turn
    return work('fast')
  })
  await expect(failing).rejects.toThrow('not prepared')
  expect(queue.isEmpty).toBe(false)
  finish()
  await Promise.all([slow, fast])
  expect(begun).toEqual(['slow', 'fast'])
  expect(queue.isEmpty).toBe(true)
})
