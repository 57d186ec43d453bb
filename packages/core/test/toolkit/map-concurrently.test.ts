import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { mapConcurrently } from '../../src/toolkit/map-concurrently.ts'

it('keeps the order of the items, with no more calls at a time than it may', async () => {
  let [running, most] = [0, 0]
  const results = await mapConcurrently(3, [5, 1, 4, 2, 3, 0], async (turns) => {
    most = Math.max(most, ++running)
    for (let turn = 0; turn < turns; turn++) await setImmediate()
    running--
    return turns * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30, 0])
  expect(most).toBe(3)
  expect(await mapConcurrently(3, [], async () => 1)).toEqual([])
})

it.each([
  ['rejects', async () => Promise.reject(new Error('first'))],
  [
    'throws',
    () => {
      throw new Error('first')
    },
  ],
])('starts no further call when one %s', async (_how, fail: () => Promise<never>) => {
  const started: number[] = []
  const work = async (item: number): Promise<void> => {
    started.push(item)
    if (item === 1) await fail()
    await setImmediate()
  }
  await expect(mapConcurrently(2, [0, 1, 2, 3, 4], work)).rejects.toThrow('first')
  await setImmediate()
  await setImmediate()
  expect(started).toEqual([0, 1])
})
