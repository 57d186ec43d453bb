import { memoryDriver } from '@kairos/core'
import type { CellStore, DriverCallOptions, StorageDriver } from '@kairos/core/driver'
import { expect, it } from 'vitest'
import { allNames } from '../src/internal/pages.ts'
import type { TransactionalDriver } from '../src/options.ts'
import { failedTitles, record } from './recorder.ts'

const TYPES = memoryDriver().capabilities.types!.length

/** The methods of a store with the position of their options. */
const calls = { write: 1, replace: 1, read: 1, bounds: 1, names: 1, delete: 1, deleteRange: 1, sweep: 1 } as const
type Call = keyof typeof calls

/** The memory driver with transactions: each is a copy of the counts that were there when it began. The named call forgets its options. */
async function transactional(forgetful?: Call): Promise<TransactionalDriver> {
  const memory = memoryDriver()
  const copies = new Map<unknown, CellStore>()
  let copy: () => Promise<CellStore> = () => Promise.reject(new Error('nothing was opened'))
  const driver: StorageDriver = {
    ...memory,
    capabilities: { ...memory.capabilities, readOptions: ['session'], writeOptions: ['session'] },
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      const oldestLive = Object.fromEntries(Object.keys(schema.intervals).map((interval) => [interval, -Infinity]))
      copy = async () => {
        const { store: copied } = await memoryDriver().open(schema)
        const names = await allNames(store, oldestLive)
        for (const interval of Object.keys(schema.intervals)) {
          const cells = await store.read({ names, interval, range: { first: -Infinity, last: Infinity } })
          const changes = cells.map(({ value, ...position }) => ({ ...position, interval, change: value }))
          await copied.write({ cells: changes, oldestLive })
        }
        return copied
      }
      const answer = (call: Call, args: readonly unknown[]): unknown => {
        const options = args[calls[call]] as DriverCallOptions | undefined
        const target = call === forgetful ? store : (copies.get(options?.driverOptions?.session) ?? store)
        return (target[call] as (...args: readonly unknown[]) => unknown)(...args)
      }
      const own = (Object.keys(calls) as Call[]).map((call) => [call, (...args: unknown[]) => answer(call, args)])
      return { store: { ...store, ...Object.fromEntries(own) }, records }
    },
  }
  return {
    driver,
    async begin() {
      const session = Symbol('session')
      copies.set(session, await copy())
      return { options: { session }, rollback: async () => void copies.delete(session) }
    },
  }
}

async function titlesThatFail(forgetful?: Call): Promise<string[]> {
  const transactions = () => transactional(forgetful)
  const only = (title: string) => title.startsWith('transactions:')
  const results = await record({ create: () => memoryDriver(), shared: false, transactions, only })
  expect(results.size).toBe(TYPES)
  return failedTitles(results)
}

it('a driver passes whose every call is part of its transaction', async () => {
  expect(await titlesThatFail()).toEqual([])
})

it.for(Object.keys(calls) as Call[])('a %s that forgets its options is caught', async (call) => {
  expect((await titlesThatFail(call)).length).toBe(TYPES)
})
