import { memoryDriver } from '@kairos/core'
import { expect, it } from 'vitest'
import { createEventStore, type EventStore, kronosHandler } from '../../src/index.ts'

const STREAMS = 20_000

/** A store that answers at once, so that nothing but turns of our own lets others work. */
async function filled(): Promise<{ store: EventStore; ids: string[] }> {
  const store = createEventStore(memoryDriver(), { retention: { '': { age: 3_600, events: 1 } } })
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
])('%s lets the rest of the process work meanwhile', async (_what, work) => {
  const { store, ids } = await filled()
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await work(store, ids)
  clearInterval(timer)
  expect(turns).toBeGreaterThan(1)
})
