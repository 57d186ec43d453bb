import { memoryDriver } from '@kairos/core'
import { failedStore, type StorageDriver } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { brokenBy, brokenDrivers } from './broken/index.ts'
import { wrapped } from './broken/wrapped.ts'
import { failedTitles, messageOf, record } from './recorder.ts'

it('finds nothing wrong with the memory driver, wrapped as the broken ones are', { timeout: 300_000 }, async () => {
  const results = await record({ create: () => wrapped(() => ({})), shared: false })
  expect(failedTitles(results)).toEqual([])
  expect(results.size).toBeGreaterThan(300)
})

describe('a driver with a fault is caught:', () => {
  for (const { fault, create, shared = false, waits = false, caughtBy, ...options } of brokenDrivers) {
    const test = waits ? it.concurrent : it
    test(fault, async ({ expect }) => {
      const fetch = () => () => []
      const results = await record({ ...options, create, shared, fetch, only: (title) => caughtBy.includes(title) })
      expect([...results.keys()].sort()).toEqual([...caughtBy].sort())
      expect(failedTitles(results).sort()).toEqual([...caughtBy].sort())
    })
  }
})

it('a store that does not answer is caught where its driver swallows the failure', async () => {
  const swallowing = () => wrapped(() => ({ write: async () => {}, read: async () => [] }))
  const only = (title: string) => title.startsWith('unreachable')
  const results = await record({
    ...{ create: () => memoryDriver(), unreachable: swallowing, shared: false, only },
    size: 'long',
  })
  expect(failedTitles(results)).toEqual([
    'unreachable: open rejects with an error that says whether a retry may help',
    'unreachable: a signal ends the wait, and the write says that nothing was stored',
    'unreachable: when its patience ends, core wraps what the driver rejects with',
  ])
})

it('a failure that says nothing about trying again is caught', async () => {
  const silent = (): StorageDriver => ({ ...memoryDriver(), open: () => Promise.reject(new Error('no store')) })
  const test = 'unreachable: open rejects with an error that says whether a retry may help'
  const only = (title: string) => title === test
  const results = await record({ create: () => memoryDriver(), unreachable: silent, shared: false, only })
  expect(messageOf(results, test)).toBe("the error's retry is undefined: want 'now', 'later' or 'never'")
})

it('a driver that connects before it looks at the schema is caught', async () => {
  const connecting = (): StorageDriver => ({
    ...memoryDriver(),
    open: () => Promise.reject(failedStore('down', 'later')),
  })
  const only = (title: string) => title.startsWith('unreachable: what the driver was not written for')
  const results = await record({ create: () => memoryDriver(), unreachable: connecting, shared: false, only })
  expect(failedTitles(results)).toHaveLength(1)
})

it('a random call that goes wrong is reported with its shortest history and its seed', async () => {
  const { create } = brokenBy('a histogram overwritten')
  const title = 'model: histogram: random calls on two instances give the same answers as the memory driver'
  const results = await record({ create, shared: false, seed: 7, only: (each) => each === title })
  const message = messageOf(results, title) ?? ''
  expect(message).toContain('seed: 7')
  // Two writes into one cell and one read of it: nothing shorter shows the fault.
  expect(message.split('\n')[0]!.match(/nsert\(/g)!.length).toBeLessThanOrEqual(2)
})
