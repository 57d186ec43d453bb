import { MongoError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { joinSession } from '../src/connection/joined-session.ts'
import { Requests } from '../src/connection/requests.ts'
import { type Piece, writePieces } from '../src/documents/write-updates.ts'
import type { MongoCollectionLike } from '../src/index.ts'
import { batchOf, failureOf } from './stores/opening.ts'

const { cells } = batchOf({ bucket: 1 }, { bucket: 2 }, { bucket: 3 })
const pieces: Piece[] = cells.map((cell) => ({
  filter: { name: cell.name },
  update: {},
  upsert: true,
  weight: 100,
  parts: () => [{ cell, change: cell.change }],
}))

/** A channel whose bulk writes fail with this error, in a transaction or not. */
function channel(error: object, inTransaction: boolean) {
  const collection = {
    async bulkWrite() {
      throw Object.assign(new Error('bulk'), error)
    },
  } as Partial<MongoCollectionLike> as MongoCollectionLike
  const requests = new Requests({
    ...{ collection, timeout: 1_000 },
    ...(inTransaction && { joined: joinSession({ inTransaction: () => true }, undefined) }),
  })
  return { requests, module: { MongoError }, health: { doubtful: false, ping: async () => {} }, signal: undefined }
}

describe('a bulk write with an entry that the server refuses', () => {
  const refusal = { code: 11000, writeErrors: [{ index: 1, code: 11000 }] }

  it('has stored the others', async () => {
    const failure = await failureOf(writePieces(channel(refusal, false), pieces))
    expect(failure).toMatchObject({ notApplied: [cells[1]], maybeApplied: [], retry: 'now' })
    expect(failure.clientError).toBeUndefined()
  })

  it('has stored nothing in a transaction, which has ended and may be repeated', async () => {
    const failure = await failureOf(writePieces(channel(refusal, true), pieces))
    expect(failure).toMatchObject({ notApplied: cells, maybeApplied: [] })
    expect((failure.clientError as MongoError).hasErrorLabel('TransientTransactionError')).toBe(true)
    const final = { code: 121, writeErrors: [{ index: 1, code: 121 }] }
    const rejected = await failureOf(writePieces(channel(final, true), pieces))
    expect(rejected).toMatchObject({ notApplied: cells, retry: 'never' })
    expect(rejected.clientError).toBeUndefined()
  })

  it('that was not allowed says how to log in', async () => {
    const failure = await failureOf(writePieces(channel({ code: 13 }, false), pieces))
    expect(failure).toMatchObject({ notApplied: cells, message: expect.stringContaining('mongodb://user:password@') })
  })
})

describe('a lost answer', () => {
  it('in a transaction leaves its cells in doubt, and lets the transaction be repeated', async () => {
    const lost = { name: 'MongoNetworkError', hasErrorLabel: (label: string) => label === 'TransientTransactionError' }
    const failure = await failureOf(writePieces(channel(lost, true), pieces))
    expect(failure).toMatchObject({ notApplied: [], maybeApplied: cells })
    expect((failure.clientError as MongoError).hasErrorLabel('TransientTransactionError')).toBe(true)
  })
})

it('a bulk write in a transaction whose connection was lost lets the transaction be repeated', async () => {
  // As the client wraps it: without the name, and without a label.
  const errorResponse = Object.assign(new Error('closed'), { name: 'MongoNetworkError' })
  const failure = await failureOf(writePieces(channel({ errorResponse }, true), pieces))
  expect(failure).toMatchObject({ maybeApplied: cells, clientError: { errorLabels: ['TransientTransactionError'] } })
})
