import type { StoreFailure } from '@kairos/core/driver'
import type { MongoCollectionLike, MongoSessionLike } from './client.ts'
import { changedNothing, codeOf, DUPLICATE_KEY, NOT_A_NUMBER, retryAfter, retryOf, writeErrorsIn } from './failures.ts'

/** An update of one document. Its filter is the whole key, and no more: some servers look at every document for any other. */
export interface ChunkUpdate {
  readonly filter: object
  readonly update: object
  /** False: the document is known to be there; where it is not, the update is displaced. */
  readonly upsert: boolean
  /** About how many bytes it is. */
  readonly weight: number
}

/** Where updates go to. */
export interface Channel {
  readonly collection: MongoCollectionLike
  readonly session: MongoSessionLike | undefined
  readonly signal: AbortSignal | undefined
  readonly health: Health
}

/**
 * Whether the last write was lost on its way. A client that retries writes by itself may say "no server" also of a write whose first try
 * was sent, so of that error nothing follows; a ping that fails before anything is sent says it for certain.
 */
export interface Health {
  doubtful: boolean
  ping(): Promise<void>
}

/** What became of updates. */
export interface Sent<U> {
  readonly applied: U[]
  /** Certainly not applied: the chunk is closed, or gone. */
  readonly displaced: U[]
  /** Certainly not applied. */
  readonly refused: U[]
  readonly unknown: U[]
  retry: StoreFailure['retry']
  cause: unknown
}

/** Of one command: small enough that what a lost answer leaves in doubt is small, large enough that a round trip does not count. */
const MOST_UPDATES = 1_000
const MOST_WEIGHT = 8_000_000
/** Commands in flight at once, where each is one update. */
const CONCURRENCY = 32

/** Sends updates in unordered bulk writes, each once. Never rejects: what failed, and how, is in the answer. */
export async function send<U extends ChunkUpdate>(channel: Channel, updates: readonly U[]): Promise<Sent<U>> {
  const sent: Sent<U> = { applied: [], displaced: [], refused: [], unknown: [], retry: 'now', cause: undefined }
  const groups = groupsOf(updates)
  for (let index = 0; index < groups.length; index++) {
    if (await mayGoOn(channel, sent)) await sendGroup(channel, groups[index]!, sent)
    else sent.refused.push(...groups[index]!)
  }
  return sent
}

async function mayGoOn<U>({ health, session, signal }: Channel, sent: Sent<U>): Promise<boolean> {
  if (sent.unknown.length > 0 || sent.refused.length > 0) return false
  if (signal?.aborted) {
    fail(sent, 'never', signal.reason)
    return false
  }
  if (!health.doubtful || session !== undefined) return true
  try {
    await health.ping()
    health.doubtful = false
    return true
  } catch (error) {
    fail(sent, retryOf(error), error)
    return false
  }
}

/** Where a document must be there, only an answer of its own tells whether it was. */
async function sendGroup<U extends ChunkUpdate>(channel: Channel, updates: readonly U[], sent: Sent<U>): Promise<void> {
  const together = updates.filter(({ upsert }) => upsert)
  const alone = updates.filter(({ upsert }) => !upsert)
  if (together.length > 0) await sendTogether(channel, together, sent)
  const width = channel.session === undefined ? CONCURRENCY : 1
  for (let start = 0; start < alone.length; start += width)
    await Promise.all(alone.slice(start, start + width).map((update) => sendAlone(channel, update, sent)))
}

async function sendTogether<U extends ChunkUpdate>(
  channel: Channel,
  updates: readonly U[],
  sent: Sent<U>,
): Promise<void> {
  const { collection, session } = channel
  const operations = updates.map(({ filter, update }) => ({ updateOne: { filter, update, upsert: true } }))
  try {
    await collection.bulkWrite(operations, { ordered: false, ...(session && { session }) })
    sent.applied.push(...updates)
  } catch (error) {
    const refusals = writeErrorsIn(error)
    const concern = writeConcernErrorIn(error)
    if (refusals === null && concern === null) return lost(channel, updates, error, sent)
    for (let index = 0; index < updates.length; index++) {
      const code = refusals?.get(index)
      if (code === undefined) (concern === null ? sent.applied : sent.unknown).push(updates[index]!)
      else if (code === NOT_A_NUMBER) sent.displaced.push(updates[index]!)
      else {
        sent.refused.push(updates[index]!)
        // Of two who make the same document, the server refuses one, which then finds it made.
        fail(sent, code === DUPLICATE_KEY ? 'now' : retryAfter(code), error)
      }
    }
    // Applied, and perhaps to be rolled back: not enough servers have said that they have it.
    if (concern !== null) fail(sent, 'later', error)
  }
}

async function sendAlone<U extends ChunkUpdate>(channel: Channel, update: U, sent: Sent<U>): Promise<void> {
  const { collection, session } = channel
  try {
    const { matchedCount } = await collection.updateOne(update.filter, update.update, { ...(session && { session }) })
    if (Number(matchedCount) === 1) sent.applied.push(update)
    else sent.displaced.push(update)
  } catch (error) {
    if (codeOf(error) === NOT_A_NUMBER) sent.displaced.push(update)
    else lost(channel, [update], error, sent)
  }
}

/** A command that has no answer, or whose answer is not about its updates. */
function lost<U>({ health }: Channel, updates: readonly U[], error: unknown, sent: Sent<U>): void {
  const unchanged = changedNothing(error)
  ;(unchanged ? sent.refused : sent.unknown).push(...updates)
  health.doubtful ||= !unchanged
  // The client wraps what it throws of a bulk write and drops its name; without a server's code it is a connection's failure.
  const retry = !unchanged && codeOf(error) === 0 ? 'later' : retryOf(error)
  fail(sent, retry, error)
}

/** The least hopeful advice counts: core has one for all that is left. */
function fail<U>(sent: Sent<U>, retry: StoreFailure['retry'], cause: unknown): void {
  const hopes: StoreFailure['retry'][] = ['never', 'later', 'now']
  if (hopes.indexOf(retry) > hopes.indexOf(sent.retry)) return
  sent.retry = retry
  sent.cause = cause
}

function writeConcernErrorIn(error: unknown): unknown {
  if (!(error instanceof Error) || !('result' in error)) return null
  const result = error.result as { getWriteConcernError?: () => unknown } | undefined
  return result?.getWriteConcernError?.() ?? null
}

function groupsOf<U extends ChunkUpdate>(updates: readonly U[]): U[][] {
  const groups: U[][] = []
  let group: U[] = []
  let weight = 0
  for (const update of updates) {
    if (group.length === MOST_UPDATES || (group.length > 0 && weight + update.weight > MOST_WEIGHT)) {
      groups.push(group)
      group = []
      weight = 0
    }
    group.push(update)
    weight += update.weight
  }
  if (group.length > 0) groups.push(group)
  return groups
}
