import { failedStore, type PackLimits, pack, type StoreFailure, worstRetry } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import {
  codeOf,
  DUPLICATE_KEY,
  isStoreFailure,
  NOT_A_NUMBER,
  retryAfter,
  retryOf,
  TOO_LARGE,
  writeConcernErrorIn,
  writeErrorsIn,
} from '../connection/error-codes.ts'
import { reasonOf } from '../connection/failures.ts'
import { type Health, wasNotApplied } from '../connection/lost-answers.ts'
import type { Requests } from '../connection/requests.ts'

/** An update of one document. Its filter is the whole key and nothing else: some servers scan all documents for any other filter. */
export interface ChunkUpdate {
  readonly filter: object
  readonly update: object
  /** False: the document is known to exist; if it does not, the update is displaced. */
  readonly upsert: boolean
  /**
   * Present if it may be made again, for a document that has changed: it is displaced unless it has found its document or, as an upsert, inserted one.
   * It is sent with others, so that it may be displaced although it has found its document.
   */
  readonly repeatable?: true
  /** Present if it may find no document: then there is nothing to do. */
  readonly optional?: true
  /** Its approximate size in bytes. */
  readonly weight: number
  /** Present if a sum may leave the finite doubles: such an update is sent alone, after a check of the cell. */
  readonly overflow?: {
    /** Matches only documents whose sums stay finite. */
    readonly filter: object
    overflows(requests: Requests): Promise<boolean>
  }
  /** Present to receive what the document is after the update, which then is sent alone. */
  readonly returned?: {
    readonly projection: object
    /** The document that the update would insert. */
    readonly inserted: MongoDocument
    take(document: MongoDocument): void
  }
}

/** Where updates are sent. */
export interface Channel {
  readonly requests: Requests
  readonly module: Pick<MongoModule, 'MongoError'>
  readonly signal: AbortSignal | undefined
  readonly health: Health
}

/** The outcome of updates. */
export interface Sent<U> {
  readonly applied: U[]
  /** Certainly not applied, except the repeatable: the chunk is closed or deleted, or has been changed. */
  readonly displaced: U[]
  /** Certainly not applied: the document would be larger than the server allows. */
  readonly tooLarge: U[]
  /** Certainly not applied: a sum would not be finite. The other updates are still sent. */
  readonly overflowing: U[]
  /** Certainly not applied. */
  readonly notApplied: U[]
  readonly maybeApplied: U[]
  retry: StoreFailure['retry']
  cause: unknown
}

/** Limits of one command: small enough that a lost answer leaves little in doubt, large enough that the round trip does not matter. */
const GROUPS: PackLimits<ChunkUpdate> = { weightOf: ({ weight }) => weight, maxWeight: 8_000_000, maxItems: 1_000 }
/** Commands in flight at once, if each is one update. */
const CONCURRENCY = 32

/** Sends updates in unordered bulk writes, each once. Never rejects: the result says what failed, and how. */
export async function send<U extends ChunkUpdate>(channel: Channel, updates: readonly U[]): Promise<Sent<U>> {
  const lists = { applied: [], displaced: [], tooLarge: [], overflowing: [], notApplied: [], maybeApplied: [] }
  const sent: Sent<U> = { ...lists, retry: 'now', cause: undefined }
  for (const group of pack<U>(updates, GROUPS)) {
    if (await mayGoOn(channel, sent)) await sendGroup(channel, group, sent)
    else sent.notApplied.push(...group)
  }
  return sent
}

/**
 * Sends updates that any document accepts.
 * @throws StoreFailure unless all were applied
 */
export async function sendAll(channel: Channel, updates: readonly ChunkUpdate[]): Promise<void> {
  const sent = await send(channel, updates)
  if (sent.tooLarge.length > 0) throw failedStore('a value must fit into a document of MongoDB (16 MB)', 'never')
  throwIfFailed(sent)
}

/** @throws StoreFailure if updates were not applied, or may not have been, for a reason that has nothing to do with their documents */
export function throwIfFailed<U>({ notApplied, maybeApplied, retry, cause }: Sent<U>): void {
  if (notApplied.length + maybeApplied.length > 0)
    throw isStoreFailure(cause) ? cause : failedStore(reasonOf(cause), retry, cause)
}

async function mayGoOn<U>({ health, requests, signal }: Channel, sent: Sent<U>): Promise<boolean> {
  if (sent.maybeApplied.length > 0 || sent.notApplied.length > 0) return false
  // In a transaction, a refusal by the server has ended it.
  if (requests.inTransaction && sent.displaced.length + sent.tooLarge.length > 0) return false
  if (signal?.aborted) {
    fail(sent, 'never', signal.reason)
    return false
  }
  if (!health.doubtful || requests.session !== undefined) return true
  try {
    await health.ping()
    health.doubtful = false
    return true
  } catch (error) {
    fail(sent, retryOf(error), error)
    return false
  }
}

/** If a document must exist, only a separate answer shows whether it did. */
async function sendGroup<U extends ChunkUpdate>(channel: Channel, updates: readonly U[], sent: Sent<U>): Promise<void> {
  const isAlone = ({ upsert, repeatable, optional, overflow, returned }: U): boolean =>
    !(upsert || repeatable || optional) || overflow !== undefined || returned !== undefined
  const together = updates.filter((update) => !isAlone(update))
  const alone = updates.filter(isAlone)
  if (together.length > 0) await sendTogether(channel, together, sent)
  const width = channel.requests.session === undefined ? CONCURRENCY : 1
  for (let start = 0; start < alone.length; start += width) {
    const some = alone.slice(start, start + width)
    if (start === 0 || (await mayGoOn(channel, sent)))
      await Promise.all(some.map((update) => sendAlone(channel, update, sent)))
    else sent.notApplied.push(...some)
  }
}

async function sendTogether<U extends ChunkUpdate>(
  channel: Channel,
  updates: readonly U[],
  sent: Sent<U>,
): Promise<void> {
  const operations = updates.map(({ filter, update, upsert }) => ({ updateOne: { filter, update, upsert } }))
  try {
    const { found, inserted } = await channel.requests.bulkWrite(operations)
    const isDisplaced = ({ upsert, repeatable }: U, index: number): boolean =>
      repeatable === true && (upsert ? !Object.hasOwn(inserted, index) : found < updates.length)
    for (const [index, update] of updates.entries())
      (isDisplaced(update, index) ? sent.displaced : sent.applied).push(update)
  } catch (error) {
    const refusals = writeErrorsIn(error)
    const concern = writeConcernErrorIn(error)
    if (refusals === null && concern === null) return failed(channel, updates, error, sent)
    for (let index = 0; index < updates.length; index++) {
      const code = refusals?.get(index)
      if (code === undefined)
        (concern === null && !updates[index]!.repeatable ? sent.applied : sent.maybeApplied).push(updates[index]!)
      else if (code === NOT_A_NUMBER) sent.displaced.push(updates[index]!)
      else if (TOO_LARGE.has(code)) sent.tooLarge.push(updates[index]!)
      else {
        sent.notApplied.push(updates[index]!)
        // Of two writes that insert the same document the server refuses one, which then finds it there.
        fail(sent, code === DUPLICATE_KEY ? 'now' : retryAfter(code), error)
      }
    }
    // Applied, but it may be rolled back: too few members have acknowledged it.
    if (concern !== null) fail(sent, 'later', error)
  }
}

async function sendAlone<U extends ChunkUpdate>(channel: Channel, update: U, sent: Sent<U>): Promise<void> {
  const { requests } = channel
  const { overflow } = update
  if (overflow !== undefined && !(await staysFinite(requests, update, overflow, sent))) return
  try {
    ;((await apply(requests, update)) ? sent.applied : sent.displaced).push(update)
  } catch (error) {
    const code = codeOf(error)
    if (code === NOT_A_NUMBER) sent.displaced.push(update)
    else if (TOO_LARGE.has(code)) sent.tooLarge.push(update)
    else if (code === DUPLICATE_KEY) {
      // Another write came between the check and this one: the next check sees it.
      sent.notApplied.push(update)
      fail(sent, 'now', error)
    } else failed(channel, [update], error, sent)
  }
}

/** How often a document may come and go between two requests of an update. */
const MOST_ATTEMPTS = 5

/**
 * Resolves to whether there is such a document. One that is returned is inserted by itself if it is missing: an upsert that finds another one has come
 * first need not say what the document is then.
 */
async function apply(
  requests: Requests,
  { filter, update, upsert, overflow, returned }: ChunkUpdate,
): Promise<boolean> {
  const asked = overflow?.filter ?? filter
  if (returned === undefined) return requests.updateOne(asked, update, upsert ? { upsert } : {})
  for (let attempt = 1; ; attempt++) {
    const found = await requests.findOneAndUpdate(asked, update, returned.projection)
    if (found !== null) {
      returned.take(found)
      return true
    }
    try {
      await requests.insertOne(returned.inserted)
      returned.take(returned.inserted)
      return true
    } catch (error) {
      const another = codeOf(error) === DUPLICATE_KEY && overflow === undefined && !requests.inTransaction
      if (!another || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

/** Checks the cell before an update whose sums may not be finite; false: it must not be sent. */
async function staysFinite<U>(
  requests: Requests,
  update: U,
  { overflows }: NonNullable<ChunkUpdate['overflow']>,
  sent: Sent<U>,
): Promise<boolean> {
  try {
    if (!(await overflows(requests))) return true
    sent.overflowing.push(update)
  } catch (error) {
    sent.notApplied.push(update)
    fail(sent, retryOf(error), error)
  }
  return false
}

/** A command failed as a whole: either it certainly changed nothing, or its answer is lost. */
function failed<U>({ health }: Channel, updates: readonly U[], error: unknown, sent: Sent<U>): void {
  const notApplied = wasNotApplied(error)
  ;(notApplied ? sent.notApplied : sent.maybeApplied).push(...updates)
  health.doubtful ||= !notApplied
  // Without a server's code, it was the connection that failed.
  const retry = !notApplied && codeOf(error) === 0 ? 'later' : retryOf(error)
  fail(sent, retry, error)
}

/** Keeps the least hopeful hint, with its cause. */
function fail<U>(sent: Sent<U>, retry: StoreFailure['retry'], cause: unknown): void {
  if (worstRetry([retry, sent.retry]) !== retry) return
  sent.retry = retry
  sent.cause = cause
}
