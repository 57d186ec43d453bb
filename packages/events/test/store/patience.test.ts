import { memoryDriver, type RetryEvent, type StorageDriver } from '@kairos/core'
import type { EventStorage } from '@kairos/core/driver'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createEventStore } from '../../src/index.ts'
import { collect } from '../support/stores.ts'

/** A memory driver with some of its calls replaced. */
function withCalls(calls: Partial<EventStorage>): StorageDriver {
  const driver = memoryDriver()
  return { ...driver, openEvents: async (schema) => ({ ...(await driver.openEvents!(schema)), ...calls }) }
}

const busy = (): never => {
  throw Object.assign(new Error('the store is busy'), { retry: 'later' })
}

describe('the patience of a store', () => {
  it('ends a step without a response, whose events may be stored', async () => {
    const store = createEventStore(withCalls({ append: () => new Promise(() => {}) }), { patience: 20 })
    await expect(store.put('s', {})).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      retryable: true,
      stored: 0,
      ids: [expect.any(String)],
      message: expect.stringContaining('20 ms'),
    })
  })

  it('applies to a step, not a call: many pages may take longer', async () => {
    const driver = memoryDriver()
    const filled = createEventStore(driver)
    await filled.put(
      's',
      Array.from({ length: 5_000 }, (_, n) => ({ n })),
    )
    const slow: StorageDriver = {
      ...driver,
      async openEvents(schema) {
        const storage = await driver.openEvents!(schema)
        return {
          ...storage,
          async read(stream, query) {
            await new Promise((resolve) => setTimeout(resolve, 60))
            return storage.read(stream, query)
          },
        }
      },
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    let events: number | undefined
    const reading = collect(createEventStore(slow, { patience: 250 }).get('s')).then(({ length }) => {
      events = length
    })
    while (events === undefined) await vi.advanceTimersByTimeAsync(60)
    await reading
    expect(events).toBe(5_000)
  })

  it('bounds the retries, which onRetry reports', async () => {
    const heard: RetryEvent[] = []
    const store = createEventStore(withCalls({ read: async () => busy() }), {
      patience: 60,
      onRetry(event) {
        heard.push(event)
        throw new Error('from onRetry')
      },
    })
    await expect(store.page('s')).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      message: expect.stringContaining('the store is busy'),
    })
    expect(heard[0]).toMatchObject({ operation: 'get', attempt: 1, cause: { message: 'the store is busy' } })
  })

  it('can be cut short by close', async () => {
    const asked = Promise.withResolvers<void>()
    const store = createEventStore(
      withCalls({
        delete() {
          asked.resolve()
          return new Promise(() => {})
        },
      }),
    )
    const deleting = expect(store.delete('s')).rejects.toMatchObject({ code: 'KAIROS_CLOSED' })
    await asked.promise
    await store.close({ timeout: 10 })
    await deleting
    await expect(store.put('s', {})).rejects.toMatchObject({ code: 'KAIROS_CLOSED' })
  })

  it.each([{ patience: 0 }, { patience: null }, { patience: 2 ** 31 }, { onRetry: 5 }])('is not %o', (config) => {
    expect(() => createEventStore('memory:', config as never)).toThrow(
      expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }),
    )
  })

  it.each([{ timeout: -1 }, { time: 5 }, null])('and close does not accept %o', async (options) => {
    const store = createEventStore('memory:')
    await expect(store.close(options as never)).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG' })
    await store.close()
  })
})
