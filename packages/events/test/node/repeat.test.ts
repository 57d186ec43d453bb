import { expect, it } from 'vitest'
import { repeat } from '../../src/node/repeat.ts'

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

it('begins again when it has ended, not before, and stops when what is under way has ended', async () => {
  let [begun, ended, most] = [0, 0, 0]
  const stop = repeat(async () => {
    begun++
    most = Math.max(most, begun - ended)
    await wait(30)
    ended++
  }, 5)
  await expect.poll(() => begun).toBeGreaterThan(2)
  await stop()
  expect(most).toBe(1)
  expect(ended).toBe(begun)
  const before = begun
  await wait(50)
  expect(begun).toBe(before)
})

it('is stopped while it waits', async () => {
  let begun = 0
  const stop = repeat(async () => {
    begun++
  }, 60_000)
  await stop()
  expect(begun).toBe(0)
})
