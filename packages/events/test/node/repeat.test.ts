import { expect, it } from 'vitest'
import { repeat } from '../../src/node/repeat.ts'

it('starts a run when the previous one has ended, and stops after the current one', async () => {
  let [begun, ended, most] = [0, 0, 0]
  let end = (): void => {}
  const stop = repeat(async () => {
    begun++
    most = Math.max(most, begun - ended)
    await new Promise<void>((resolve) => {
      end = resolve
    })
    ended++
  }, 1)
  for (const times of [1, 2, 3]) {
    await expect.poll(() => begun).toBe(times)
    if (times < 3) end()
  }
  let stopped = false
  const stopping = stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(stopped).toBe(false)
  end()
  await stopping
  expect([begun, ended, most]).toEqual([3, 3, 1])
})

it('stops while it waits', async () => {
  let begun = 0
  const stop = repeat(async () => {
    begun++
  }, 60_000)
  await stop()
  expect(begun).toBe(0)
})
