import { KairosError } from '@kairos/core'
import { checkKeys, checkMilliseconds, invalidOption, isRecord } from '@kairos/core/driver'

/** Options of `mongoDriver`. Defaults come from the client or the URL. */
export interface MongoDriverOptions {
  /**
   * Where cells are kept; default: the type's name (`count`, `series`, …). One collection holds one type and valueType. A timeseries with a name has
   * its own beneath it: `count.views`, `<collectionName>.count.views`.
   */
  readonly collectionName?: string | undefined
  /** Overrides the one in the URL or of the client; default `kairos`. Not with a `Db`, which already is one database. */
  readonly database?: string | undefined
  /** As the client takes it. */
  readonly readConcern?: object | undefined
  /** As the client takes it, but not `{ w: 0 }`: a write that is not acknowledged cannot keep what this library promises. */
  readonly writeConcern?: object | undefined
  /** With anything but `primary`, reads may miss the latest writes. */
  readonly readPreference?: string | object | undefined
  /** Options of the `MongoClient` that a URL creates. */
  readonly clientConfig?: object | undefined
  /** How long one request may take, connecting included, in milliseconds; default 10,000. A write not answered by then is in doubt. */
  readonly timeout?: number | undefined
  /**
   * How long an open timeseries relies on the recorded configuration that it last saw, in milliseconds; default 5,000. Use the same in every
   * process: one that replaces a record waits that long for all others.
   */
  readonly lease?: number | undefined
}

/** How long one request may take, in milliseconds, unless the option says otherwise. */
export const TIMEOUT = 10_000
export const DEFAULT_DATABASE = 'kairos'

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
  checkKeys(options, KNOWN, { driver: 'mongo' })
  const check = (path: keyof MongoDriverOptions, expected: string, fits: (value: unknown) => boolean): void => {
    const value: unknown = options[path]
    if (value !== undefined && !fits(value)) throw invalidOption({ driver: 'mongo', path, expected, value })
  }
  for (const path of ['collectionName', 'database'] as const)
    check(path, 'a non-empty string of well-formed Unicode without NUL', isName)
  for (const path of ['timeout', 'lease'] as const)
    if (options[path] !== undefined) checkMilliseconds('mongo', path, options[path])
  for (const path of ['readConcern', 'writeConcern', 'clientConfig'] as const) check(path, 'an object', isRecord)
  check('readPreference', `${MODES.join(', ')}, or an object with one of these as mode`, (value) =>
    MODES.includes(isRecord(value) ? String(value.mode) : String(value)),
  )
  check(
    'database',
    'a name that MongoDB accepts, without / \\ . " $ and space, and of at most 63 bytes',
    isDatabaseName,
  )
  checkWriteConcern(options.writeConcern)
}

const MODES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest']

/** Others fail when the store opens, or not even then: some servers take them. */
function isDatabaseName(value: unknown): boolean {
  return !/[/\\. "$]/.test(String(value)) && Buffer.byteLength(String(value)) <= 63
}

/** What is not well-formed would be stored as U+FFFD, so that different names would meet. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\0')
}

/** @throws KAIROS_INVALID_CONFIG for one without acknowledgement */
export function checkWriteConcern(writeConcern: object | undefined): void {
  if (writeConcern !== undefined && 'w' in writeConcern && writeConcern.w === 0) {
    const message =
      'writeConcern.w must be 1 or more, or "majority", not 0; with 0, a write that fails would go unnoticed'
    throw new KairosError('KAIROS_INVALID_CONFIG', message, { path: 'writeConcern', driver: 'mongo' })
  }
}

/** @throws KAIROS_INVALID_CONFIG for what is neither a URL, a client nor a database of the package `mongodb` */
export function checkStore(store: unknown): void {
  const fits =
    typeof store === 'string' ||
    (typeof store === 'object' &&
      store !== null &&
      (hasMethod(store, 'db') || (hasMethod(store, 'collection') && hasMethod(store, 'command'))))
  if (fits) return
  const expected = 'a mongodb:// URL, or a MongoClient or a Db of the package mongodb'
  throw invalidOption({ driver: 'mongo', path: 'store', expected, value: store })
}

function hasMethod(object: object, name: string): boolean {
  return name in object && typeof (object as Readonly<Record<string, unknown>>)[name] === 'function'
}
