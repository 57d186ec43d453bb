import { memoryDriver } from '@kairos/core'
import { type CellWrite, failedWrite, type StorageDriver, type WriteFailure } from '@kairos/core/driver'
import { expect, it } from 'vitest'
import { injectFaults } from '../src/inject-faults.ts'
import type { FailingRequest } from '../src/options.ts'
import { failedTitles, record } from './recorder.ts'

/** All but the distribution, of which the long size asks. */
const TYPES = memoryDriver().capabilities.types!.length - 1

type Lists = Pick<WriteFailure, 'notApplied' | 'maybeApplied'>

/** A store whose driver says of each failure what `say` makes of the truth. */
async function titlesThatFail(say: (report: Lists) => Lists): Promise<string[]> {
  const memories = new Map<string, StorageDriver>()
  const create = ({ place }: { place: string }): StorageDriver => {
    const memory = memories.get(place) ?? memoryDriver()
    memories.set(place, memory)
    return { ...memory, close: async () => {} }
  }
  const failing = async ({ place, decide }: FailingRequest) => {
    const faulty = injectFaults(create({ place }), ({ method }) => {
      const fault = method === 'write' ? decide() : null
      return fault === null ? null : { fault: fault === 'cut-reply' ? 'after' : 'part', retry: 'never' }
    })
    const driver: StorageDriver = {
      ...faulty,
      async open(schema, options) {
        const opened = await faulty.open(schema, options)
        const write: typeof opened.store.write = (...args) =>
          opened.store.write(...args).catch((failure: WriteFailure) => {
            throw failedWrite(failure.message, { retry: 'never', ...say(failure) })
          })
        return { ...opened, store: { ...opened.store, write } }
      },
    }
    return { driver }
  }
  return failedTitles(await record({ create, failing, only: (title) => title.startsWith('failing:') }))
}

const none: readonly CellWrite[] = []

it('a driver that tells the truth passes', async () => {
  expect(await titlesThatFail((report) => report)).toEqual([])
})

it.for([
  [
    'a driver that says nothing of it was stored',
    ({ notApplied, maybeApplied }) => ({ notApplied: [...notApplied, ...maybeApplied], maybeApplied: none }),
  ],
  ['a driver that says all of it was stored', () => ({ notApplied: none, maybeApplied: none })],
  ['a driver that forgets what is not stored', ({ maybeApplied }) => ({ notApplied: none, maybeApplied })],
  [
    'a driver that names a cell twice',
    ({ notApplied, maybeApplied }) => ({ notApplied, maybeApplied: [...maybeApplied, ...maybeApplied] }),
  ],
] as [string, (report: Lists) => Lists][])('%s is caught', async ([, say]) => {
  expect((await titlesThatFail(say)).length).toBe(TYPES)
})
