import { memoryDriver } from '@kairos/core'
import type { StoredEvent } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { createEventStore } from '../../src/index.ts'

const events = Array.from({ length: 2_500 }, (_, n) => ({ n }))

/** A store whose nth append fails, before or after it has stored the events. */
function failing(at: number, when: 'before' | 'after') {
  const driver = memoryDriver()
  let calls = 0
  return {
    ...driver,
    async openEvents(schema: { namespace: string }) {
      const storage = await driver.openEvents!(schema)
      return {
        ...storage,
        async append(stream: string, batch: readonly StoredEvent[]) {
          const fails = ++calls === at
          if (fails && when === 'before') throw new Error('no answer')
          const answers = await storage.append(stream, batch)
          if (fails) throw new Error('no answer')
          return answers
        },
      }
    },
  }
}

describe.each(['before', 'after'] as const)('a put that fails %s its second batch is stored', (when) => {
  it('reports the ids of all events: put again with them, each is stored once', async () => {
    const store = createEventStore(failing(2, when))
    const error = await store.put('s', events).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'KAIROS_STORE_FAILED', stored: 1_000 })
    const { ids } = error as { ids: readonly string[] }
    expect(new Set(ids).size).toBe(events.length)
    const again = await store.put(
      's',
      events.map((event, at) => ({ ...event, '@id': ids[at]! })),
    )
    expect(again).toEqual({
      inserted: when === 'after' ? 500 : 1_500,
      duplicates: when === 'after' ? 2_000 : 1_000,
      ids,
    })
    expect(await store.delete('s', { dryRun: true })).toBe(2_500)
  })
})

it('an aborted put, and one with events that are too large, report the ids too', async () => {
  const store = createEventStore(memoryDriver())
  await expect(store.put('s', [{ n: 1 }], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'KAIROS_ABORTED',
    stored: 0,
    ids: [expect.stringMatching(/^[0-9a-f-]{36}$/)],
  })
  await expect(store.put('s', [{ text: 'x'.repeat(16_000_000) }])).rejects.toMatchObject({
    code: 'KAIROS_INVALID_VALUE',
    stored: 0,
    ids: [expect.any(String)],
  })
})
