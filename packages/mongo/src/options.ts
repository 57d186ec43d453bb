import { KairosError } from '@kairos/core'
import { checkDriverOptions, describe, isRecord } from '@kairos/core/driver'

/** Options of `mongoDriver`. What is not given is as the client, or the URL, has it. */
export interface MongoDriverOptions {
  /** Where cells are kept; default: the type's name (`count`, `series`, …). One collection holds one type and valueType. */
  readonly collectionName?: string
  /** Overrides the URL's or the client's own; default `kairos`. Not with a `Db`, which is one already. */
  readonly database?: string
  readonly readConcern?: object
  /** Not `{ w: 0 }`: a write that nobody acknowledges cannot keep what this library promises. */
  readonly writeConcern?: object
  /** Anything but `primary` may give answers that lack the latest writes. */
  readonly readPreference?: string | object
  /** Handed to the `MongoClient` that a URL creates. */
  readonly clientConfig?: object
  /** How long one request may take, connecting included, in milliseconds; default 10,000. What was sent and not answered by then is in doubt. */
  readonly timeout?: number
  /**
   * For how long an open timeseries goes by the recorded configuration it has seen, in milliseconds; default 5,000. The same in every process: one
   * that replaces a record waits so long for all others.
   */
  readonly lease?: number
}

export const TIMEOUT = 10_000

const KNOWN = [
  'collectionName',
  'database',
  'readConcern',
  'writeConcern',
  'readPreference',
  'clientConfig',
  'timeout',
  'lease',
]

/** @throws KAIROS_INVALID_CONFIG */
export function checkOptions(options: MongoDriverOptions): void {
  checkDriverOptions(options, KNOWN, 'mongo')
  for (const key of ['collectionName', 'database'] as const) {
    const value: unknown = options[key]
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw invalid(key, `${key} must be a non-empty string, not ${describe(value)}`)
  }
  for (const key of ['timeout', 'lease'] as const) {
    const value: unknown = options[key]
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) < 2 ** 31))
      throw invalid(key, `${key} must be a whole number of milliseconds, at least 1, not ${describe(value)}`)
  }
  for (const key of ['readConcern', 'writeConcern', 'clientConfig'] as const) {
    const value: unknown = options[key]
    if (value !== undefined && !isRecord(value)) throw invalid(key, `${key} must be an object, not ${describe(value)}`)
  }
  const preference: unknown = options.readPreference
  if (preference !== undefined && typeof preference !== 'string' && !isRecord(preference))
    throw invalid('readPreference', `readPreference must be a string or an object, not ${describe(preference)}`)
  checkWriteConcern(options.writeConcern)
}

/** @throws KAIROS_INVALID_CONFIG for one that asks for no answer */
export function checkWriteConcern(writeConcern: object | undefined): void {
  if (writeConcern !== undefined && 'w' in writeConcern && writeConcern.w === 0) {
    throw invalid(
      'writeConcern',
      'writeConcern.w must be 1 or more, or "majority", not 0, with which no failed write would be noticed',
    )
  }
}

/** @throws KAIROS_INVALID_CONFIG for what is neither a URL, a client nor a database of the package `mongodb` */
export function checkStore(store: unknown): void {
  const fits =
    typeof store === 'string' ||
    (typeof store === 'object' &&
      store !== null &&
      (hasMethod(store, 'db') || (hasMethod(store, 'collection') && hasMethod(store, 'command'))))
  if (!fits) {
    throw invalid(
      'store',
      `the store must be a mongodb:// URL, or a MongoClient or a Db of the package mongodb, not ${describe(store)}`,
    )
  }
}

function hasMethod(object: object, name: string): boolean {
  return name in object && typeof (object as Readonly<Record<string, unknown>>)[name] === 'function'
}

export function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path, driver: 'mongo' })
}
