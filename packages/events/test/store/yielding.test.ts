import { memoryDriver } from '@kairos/core'
import { expect, it } from 'vitest'
import { createEventStore, type EventStore, kronosHandler } from '../../src/index.ts'

const STREAMS = 60

/** A store that blocks the process for a millisecond per call: only yielding between calls lets other work run. */
async function filled(): Promise<{ store: EventStore; ids: string[] }> {
  const driver = memoryDriver()
  const busy = <Given extends unknown[], Result>(call: (...given: Given) => Result) => {
    return (...given: Given): Result => {
      for (const until = performance.now() + 1; performance.now() < until; );
      return call(...given)
    }
  }
  const store = createEventStore(
    {
      ...driver,
      async openEvents(schema) {
        const storage = await driver.openEvents!(schema)
        return {
          ...storage,
          read: busy(storage.read),
          keyAt: busy(storage.keyAt!),
          count: busy(storage.count),
          delete: busy(storage.delete),
        }
      },
    },
    { retention: { '': { age: 3_600, events: 1 } } },
  )
  const ids: string[] = []
  for (let n = 0; n < STREAMS; n++) ids.push(...(await store.put(`s.${n}`, {})).ids)
  return { store, ids }
}

it.each<[string, (store: EventStore, ids: string[]) => Promise<unknown>]>([
  ['a list of streams', (store) => store.streams()],
  ['an eviction', (store) => store.evict()],
  ['a delete of many ids', (store, ids) => store.delete('s.0', { id: ids })],
  [
    'a delete of many ids by HTTP',
    (store, ids) => {
      const body = JSON.stringify({ stream: 's.0', id: ids })
      return kronosHandler(store)(new Request('http://x/1.0/events/delete', { method: 'POST', body }))
    },
  ],
])('%s lets the rest of the process run meanwhile', async (_what, work) => {
  const { store, ids } = await filled()
  let turned = false
  const timer = setTimeout(() => {
    turned = true
  }, 0)
  await work(store, ids)
  clearTimeout(timer)
  expect(turned).toBe(true)
})
