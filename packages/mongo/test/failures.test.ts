import mongodb from 'mongodb'
import { expect, it } from 'vitest'
import { transient } from '../src/connection/failures.ts'

/** As in another copy of the package `mongodb`. */
class MongoError extends Error {
  readonly errorLabels: string[] = []
  addErrorLabel(label: string): void {
    this.errorLabels.push(label)
  }
}
class MongoNetworkError extends MongoError {
  override readonly name = 'MongoNetworkError'
}

it('an error after which a transaction may be repeated is of the class of the client that threw it', () => {
  const thrown = new MongoNetworkError('closed')
  for (const error of [thrown, new Error('write failed', { cause: thrown })].map((cause) =>
    Object.assign(cause, { retry: 'later' }),
  )) {
    const { clientError } = transient(mongodb, error)
    expect(clientError).toBeInstanceOf(MongoError)
    expect(clientError).toMatchObject({ errorLabels: ['TransientTransactionError'] })
  }
  const own = transient(mongodb, Object.assign(new Error('no longer accepts writes'), { retry: 'later' }))
  expect(own.clientError).toBeInstanceOf(mongodb.MongoError)
})
