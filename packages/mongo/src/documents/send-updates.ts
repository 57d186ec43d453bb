import type { StoreFailure } from '@kairos/core/driver'
import type { MongoModule } from '../connection/client.ts'
import {
  changedNothing,
  codeOf,
  DUPLICATE_KEY,
  NOT_A_NUMBER,
  retryAfter,
  retryOf,
  TOO_LARGE,
  writeConcernErrorIn,
  writeErrorsIn,
} from '../connection/failures.ts'
import type { Requests } from '../connection/requests.ts'

/** An update of one document. Its filter is the whole key, and no more: some servers look at every document for any other. */
export interface ChunkUpdate {
  readonly filter: object
  readonly update: object
  /** False: the document is known to be there; where it is not, the update is displaced. */
  readonly upsert: boolean
  /** About how many bytes it is. */
  readonly weight: number
  /** Where a sum may leave the finite doubles: sent alone, after a look. */
  readonly overflow?: {
    /** Meets only documents whose sums stay finite. */
    readonly filter: object
    overflows(requests: Requests): Promise<boolean>
  }
}

/** Where updates go to. */
export interface Channel {
  readonly requests: Requests
  readonly module: Pick<MongoModule, 'MongoError'>
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
  /** Certainly not applied: the document would be larger than the server allows. */
  readonly tooLarge: U[]
  /** Certainly not applied: a sum would not be finite. Says nothing about the others, and is no reason to stop. */
  readonly overflowing: U[]
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
  const lists = { applied: [], displaced: [], tooLarge: [], overflowing: [], refused: [], unknown: [] }
  const sent: Sent<U> = { ...lists, retry: 'now', cause: undefined }
  const groups = groupsOf(updates)
  for (let index = 0; index < groups.length; index++) {
    if (await mayGoOn(channel, sent)) await sendGroup(channel, groups[index]!, sent)
    else sent.refused.push(...groups[index]!)
  }
  return sent
}

async function mayGoOn<U>({ health, requests, signal }: Channel, sent: Sent<U>): Promise<boolean> {
  if (sent.unknown.length > 0 || sent.refused.length > 0) return false
  // What the server refuses in a transaction has ended it.
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

/** Where a document must be there, only an answer of its own tells whether it was. */
async function sendGroup<U extends ChunkUpdate>(channel: Channel, updates: readonly U[], sent: Sent<U>): Promise<void> {
  const together = updates.filter(({ upsert, overflow }) => upsert && overflow === undefined)
  const alone = updates.filter(({ upsert, overflow }) => !upsert || overflow !== undefined)
  if (together.length > 0) await sendTogether(channel, together, sent)
  const width = channel.requests.session === undefined ? CONCURRENCY : 1
  for (let start = 0; start < alone.length; start += width) {
    const some = alone.slice(start, start + width)
    if (start === 0 || (await mayGoOn(channel, sent)))
      await Promise.all(some.map((update) => sendAlone(channel, update, sent)))
    else sent.refused.push(...some)
  }
}

async function sendTogether<U extends ChunkUpdate>(
  channel: Channel,
  updates: readonly U[],
  sent: Sent<U>,
): Promise<void> {
  const operations = updates.map(({ filter, update }) => ({ updateOne: { filter, update, upsert: true } }))
  try {
    await channel.requests.bulkWrite(operations)
    sent.applied.push(...updates)
  } catch (error) {
    const refusals = writeErrorsIn(error)
    const concern = writeConcernErrorIn(error)
    if (refusals === null && concern === null) return lost(channel, updates, error, sent)
    for (let index = 0; index < updates.length; index++) {
      const code = refusals?.get(index)
      if (code === undefined) (concern === null ? sent.applied : sent.unknown).push(updates[index]!)
      else if (code === NOT_A_NUMBER) sent.displaced.push(updates[index]!)
      else if (TOO_LARGE.has(code)) sent.tooLarge.push(updates[index]!)
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
  const { requests } = channel
  const { overflow, upsert } = update
  if (overflow !== undefined && !(await staysFinite(requests, update, overflow, sent))) return
  try {
    const found = await requests.updateOne(overflow?.filter ?? update.filter, update.update, upsert ? { upsert } : {})
    ;(found ? sent.applied : sent.displaced).push(update)
  } catch (error) {
    const code = codeOf(error)
    if (code === NOT_A_NUMBER) sent.displaced.push(update)
    else if (TOO_LARGE.has(code)) sent.tooLarge.push(update)
    else if (code === DUPLICATE_KEY) {
      // Another write has come between: the next look sees it.
      sent.refused.push(update)
      fail(sent, 'now', error)
    } else lost(channel, [update], error, sent)
  }
}

/** Looks before an update whose sums may not be finite; false: it is not to be sent. */
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
    sent.refused.push(update)
    fail(sent, retryOf(error), error)
  }
  return false
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
