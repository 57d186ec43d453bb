import { KairosError } from '@kairos/core'
import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'
import type { MongoModule } from './client.ts'
import { codeOf, hasLabel, isStoreFailure, retryOf, UNAUTHORIZED } from './error-codes.ts'
import type { Requests } from './requests.ts'

const LOGIN =
  'log in by the URL, mongodb://user:password@host/database?authSource=admin, as a user with the role readWrite on the database'

/** The label by which the client's `withTransaction` recognises what may be repeated. */
const TRANSIENT = 'TransientTransactionError'

/** A failed read, `open` or `delete`, with whether trying again may help. */
export function storeFailure(error: unknown): Error {
  if (KairosError.is(error) || isStoreFailure(error)) return error
  return failedStore(reasonOf(error), retryOf(error), error)
}

/** What went wrong, and what to do about it if the server's message does not say. */
export function reasonOf(error: unknown): string {
  return UNAUTHORIZED.has(codeOf(error)) ? `${messageOf(error)}; ${LOGIN}` : messageOf(error)
}

/**
 * Makes a call reject with whether trying again may help. In a transaction that applies to the transaction as a whole, which its caller
 * repeats.
 */
export async function asStoreCall<T>(call: () => Promise<T>, requests?: Requests, module?: MongoModule): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const failure = storeFailure(error)
    if (!requests?.inTransaction || module === undefined || !isStoreFailure(failure)) throw failure
    throw Object.assign(failure, transient(module, error))
  }
}

/** What lets `withTransaction` of the client see that the transaction may be repeated; nothing where that would not help. */
export function transient(module: Pick<MongoModule, 'MongoError'>, error: unknown): Pick<StoreFailure, 'clientError'> {
  const repeatable = error instanceof Error && (hasLabel(error, TRANSIENT) || retryOf(error) !== 'never')
  if (!repeatable) return {}
  const MongoError = classOf(error) ?? module.MongoError
  const clientError = new MongoError(messageOf(error))
  clientError.addErrorLabel(TRANSIENT)
  return { clientError }
}

/** The class `MongoError` of the client that threw it: where `mongodb` is installed twice, the client knows only its own. */
function classOf(error: unknown): MongoModule['MongoError'] | undefined {
  for (let thrown: unknown = error; thrown instanceof Error; thrown = thrown.cause) {
    let made: { readonly name: string } = thrown.constructor
    while (made.name !== 'MongoError' && made.name !== '') made = Object.getPrototypeOf(made)
    if (made.name !== '') return made as MongoModule['MongoError']
  }
  return undefined
}
