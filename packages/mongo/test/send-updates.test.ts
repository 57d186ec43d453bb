import { EventEmitter } from 'node:events'
import { MongoError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { checkoutsOf } from '../src/connection/checkouts.ts'
import type { Health } from '../src/connection/lost-answers.ts'
import { Requests } from '../src/connection/requests.ts'
import { type ChunkUpdate, send } from '../src/documents/send-updates.ts'
import type { MongoCollectionLike } from '../src/index.ts'

// What the test servers do not show: an upsert that loses a race, a majority that does not answer, a client that gives up.

const update = (n: number): ChunkUpdate & { readonly n: number } => ({
  n,
  filter: { n },
  update: { $inc: { n: 1 } },
  upsert: true,
  weight: 100,
})
const three = [1, 2, 3].map(update)

function bulkError(fields: object): Error {
  return Object.assign(new Error('bulk'), { name: 'MongoBulkWriteError', writeErrors: [], ...fields })
}

/** A channel whose bulk writes fail one after another with these errors; null: one succeeds. */
function channel(...ends: (Error | null)[]) {
  const calls: number[] = []
  const health: Health & { pings: (Error | null)[] } = {
    doubtful: false,
    pings: [],
    async ping() {
      const end = health.pings.shift() ?? null
      if (end !== null) throw end
    },
  }
  const collection = {
    async bulkWrite(operations: readonly object[], options: object) {
      expect(options).toMatchObject({ ordered: false, maxTimeMS: 1_000 })
      calls.push(operations.length)
      const end = ends.shift() ?? null
      if (end !== null) throw end
      return { matchedCount: operations.length, upsertedCount: 0, upsertedIds: {} }
    },
  } as Partial<MongoCollectionLike> as MongoCollectionLike
  const requests = new Requests({ collection, timeout: 1_000 })
  return { calls, health, channel: { requests, module: { MongoError }, health, signal: undefined } }
}

const numbers = (updates: readonly { n: number }[]): number[] => updates.map(({ n }) => n)

describe('a bulk write', () => {
  it('that loses the race of an upsert did not apply that entry, and may be repeated at once', async () => {
    const { channel: lost } = channel(bulkError({ code: 11000, writeErrors: [{ index: 1, code: 11000 }] }))
    const sent = await send(lost, three)
    expect([sent.applied, sent.notApplied, sent.maybeApplied].map(numbers)).toEqual([[1, 3], [2], []])
    expect(sent.retry).toBe('now')
  })

  it('takes the least hopeful of several reasons, and a single error that is not a list', async () => {
    const errors = [
      { index: 0, code: 11000 },
      { index: 2, code: 121 },
    ]
    const sent = await send(channel(bulkError({ writeErrors: errors })).channel, three)
    expect([numbers(sent.applied), numbers(sent.notApplied), sent.retry]).toEqual([[2], [1, 3], 'never'])
    const single = await send(channel(bulkError({ writeErrors: { index: 0, code: 112 } })).channel, three)
    expect([numbers(single.notApplied), single.retry]).toEqual([[1], 'later'])
  })

  it('that no majority acknowledged may be applied, except for what was refused', async () => {
    const result = { getWriteConcernError: () => ({ code: 64, errmsg: 'waiting for replication timed out' }) }
    const error = bulkError({ code: 64, result, writeErrors: [{ index: 0, code: 11000 }] })
    const sent = await send(channel(error).channel, three)
    expect([sent.applied, sent.notApplied, sent.maybeApplied].map(numbers)).toEqual([[], [1], [2, 3]])
    expect(sent.retry).toBe('later')
  })

  it('whose answer is lost may be applied as a whole, and nothing follows it', async () => {
    const many = Array.from({ length: 2_500 }, (_, n) => update(n))
    const { channel: cut, calls, health } = channel(null, bulkError({ message: 'connection 3 closed' }))
    const sent = await send(cut, many)
    expect([sent.applied, sent.maybeApplied, sent.notApplied].map(({ length }) => length)).toEqual([1_000, 1_000, 500])
    expect([calls, sent.retry, health.doubtful]).toEqual([[1_000, 1_000], 'later', true])
  })

  it('is not sent while the ping after a lost answer fails, so that it was certainly not applied', async () => {
    const { channel: down, calls, health } = channel()
    health.doubtful = true
    health.pings = [Object.assign(new Error('no server'), { name: 'MongoServerSelectionError' })]
    const sent = await send(down, three)
    expect([calls, numbers(sent.notApplied), sent.maybeApplied, sent.retry]).toEqual([[], [1, 2, 3], [], 'later'])
    expect((await send(down, three)).applied).toHaveLength(3)
    expect(health.doubtful).toBe(false)
  })

  it('that found no server may be applied if the client does not report connections: its retry of a lost write says the same', async () => {
    const selection = Object.assign(new Error('no server'), { name: 'MongoServerSelectionError' })
    const sent = await send(channel(selection).channel, three)
    expect([numbers(sent.maybeApplied), sent.retry]).toEqual([[1, 2, 3], 'later'])
  })

  it('was not applied if the client handed out no connection for it', async () => {
    const selection = Object.assign(new Error('no server'), { name: 'MongoServerSelectionError' })
    const client = new EventEmitter()
    const checkouts = checkoutsOf(client)!
    for (const error of [selection, bulkError({ errorResponse: selection })]) {
      for (const handsOut of [false, true]) {
        const collection = {
          async bulkWrite() {
            if (handsOut) client.emit('connectionCheckedOut')
            throw error
          },
        } as Partial<MongoCollectionLike> as MongoCollectionLike
        const { channel: down, health } = channel()
        const sent = await send({ ...down, requests: new Requests({ collection, timeout: 1_000, checkouts }) }, three)
        expect([numbers(sent.notApplied), numbers(sent.maybeApplied)]).toEqual(
          handsOut ? [[], [1, 2, 3]] : [[1, 2, 3], []],
        )
        expect([sent.retry, health.doubtful]).toEqual(['later', handsOut])
      }
    }
    expect(client.listenerCount('connectionCheckedOut')).toBe(1)
    expect(checkoutsOf(client)).toBe(checkouts)
  })

  it('that the client or the server refused as a whole changed nothing', async () => {
    for (const error of [
      Object.assign(new Error('Document is larger than the maximum size'), { name: 'MongoInvalidArgumentError' }),
      bulkError({ code: 13, message: 'not authorized' }),
      bulkError({ hasErrorLabel: (label: string) => label === 'NoWritesPerformed' }),
    ]) {
      const sent = await send(channel(error).channel, three)
      expect([numbers(sent.notApplied), sent.maybeApplied, sent.retry]).toEqual([[1, 2, 3], [], 'never'])
    }
  })

  it('is worth another try if the server says so by a label, or by the code of an error that passes', async () => {
    for (const error of [
      { code: 5, hasErrorLabel: (label: string) => label === 'SystemOverloadedError' },
      ...[24, 43, 50, 112, 189, 237, 462].map((code) => ({ code })),
    ]) {
      expect(await send(channel(bulkError(error)).channel, three)).toMatchObject({
        retry: 'later',
        maybeApplied: three,
      })
    }
    expect(await send(channel(bulkError({ code: 5 })).channel, three)).toMatchObject({
      retry: 'never',
      maybeApplied: three,
    })
  })

  it('is split into commands of bounded size, and not begun once its signal has aborted', async () => {
    const { channel: whole, calls } = channel()
    await send(
      whole,
      [1, 2, 3, 4].map((n) => ({ ...update(n), weight: 5_000_000 })),
    )
    expect(calls).toEqual([1, 1, 1, 1])
    const aborted = await send({ ...whole, signal: AbortSignal.abort(new Error('enough')) }, three)
    expect([numbers(aborted.notApplied), aborted.retry]).toEqual([[1, 2, 3], 'never'])
    expect(calls).toHaveLength(4)
  })
})
