import { type DriverCallOptions, describe } from '@kairos/core/driver'
import type { KyselyLike, TransactionLike } from '../kysely/kysely-like.ts'

/** The caller's transaction that a call joins; an error if it does not belong to this instance. */
export function transactionIn(
  options: DriverCallOptions | undefined,
  kysely: KyselyLike,
): TransactionLike | TypeError | undefined {
  const transaction = options?.driverOptions?.transaction
  if (transaction === undefined) return undefined
  if (!isTransaction(transaction))
    return new TypeError(
      `transaction must be a transaction of the Kysely instance that the driver was created with, not ${describe(transaction)}`,
    )
  // An instance and its transactions share one adapter, whichever plugins they have.
  if (transaction.getExecutor().adapter === kysely.getExecutor().adapter) return transaction
  return new TypeError(
    'transaction must be a transaction of the Kysely instance that the driver was created with, not one of another instance, which may use another database',
  )
}

function isTransaction(value: unknown): value is TransactionLike {
  return typeof value === 'object' && value !== null && 'isTransaction' in value && value.isTransaction === true
}
