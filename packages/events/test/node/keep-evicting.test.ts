import { memoryDriver } from '@kairos/core'
import { expect, it } from 'vitest'
import { createEventStore } from '../../src/index.ts'
import { keepEvicting } from '../../src/node.ts'

it('evicts what comes, continues after a failure, and stops', async () => {
  const driver = memoryDriver()
  let fails = true
  const store = createEventStore(
    {
      ...driver,
      async openEvents(schema) {
        const storage = await driver.openEvents!(schema)
        return { ...storage, count: (...call) => (fails ? Promise.reject(new Error('gone')) : storage.count(...call)) }
      },
    },
    { retention: { '': { events: 2 } } },
  )
  const [evicted, errors]: [number[], unknown[]] = [[], []]
  await store.put('s', [{ n: 1 }, { n: 2 }, { n: 3 }])
  const stop = keepEvicting(store, {
    onEvicted: (eviction) => evicted.push(eviction.evicted),
    onError: (error) => errors.push(error),
    pause: 1,
  })
  await expect.poll(() => errors.length).toBeGreaterThan(1)
  fails = false
  await expect.poll(() => evicted).toEqual([1])
  await store.put('s', [{ n: 4 }, { n: 5 }])
  await expect.poll(() => evicted).toEqual([1, 2])
  const failed = errors.length
  await stop()
  await store.close()
  expect(errors).toHaveLength(failed)
})
