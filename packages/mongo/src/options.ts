import { KairosError } from '@kairos/core'
import { checkDriverOptions } from '@kairos/core/driver'

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
}

const KNOWN = ['collectionName', 'database', 'readConcern', 'writeConcern', 'readPreference', 'clientConfig']

/** @throws KAIROS_INVALID_CONFIG */
export function checkOptions(options: MongoDriverOptions): void {
  checkDriverOptions(options, KNOWN, 'mongo')
  for (const key of ['collectionName', 'database'] as const) {
    const value: unknown = options[key]
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw invalid(key, `${key} must be a non-empty string`)
  }
  checkWriteConcern(options.writeConcern)
}

/** @throws KAIROS_INVALID_CONFIG for one that asks for no answer */
export function checkWriteConcern(writeConcern: object | undefined): void {
  if (writeConcern !== undefined && 'w' in writeConcern && writeConcern.w === 0)
    throw invalid(
      'writeConcern',
      'writeConcern w: 0 leaves nobody to say what was stored; use 1 or more, or "majority"',
    )
}

export function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path, driver: 'mongo' })
}
