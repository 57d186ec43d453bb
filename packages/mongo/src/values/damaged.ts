import { describe, failedStore, type StoreFailure } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'

/** What was read is nothing that this driver writes: whatever it was, no number is right. */
export class Damaged extends Error {
  constructor(path: string, expected: string, value: unknown) {
    super(`${path} must be ${expected}, not ${describe(value)}`)
  }
}

/** Runs a function that decodes a document; what it finds damaged, fails with the document's key. Trying again would find the same. */
export function decoding<T>(document: MongoDocument, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof Damaged ? damagedIn(document, error.message) : error
  }
}

/** Says where the damage is. */
export function damagedIn({ name, i, r, s }: MongoDocument, message: string): StoreFailure {
  const key = Object.entries({ i, r, s }).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field} = ${value}`],
  )
  return failedStore(
    `the document of ${describe(name)} with ${key.join(', ')} is damaged, or something else wrote it: ${message}; restore it, or delete it`,
    'never',
  )
}
