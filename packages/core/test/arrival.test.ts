import { expect, it } from 'vitest'
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
