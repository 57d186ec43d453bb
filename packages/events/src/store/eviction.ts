import { createYielder } from '@kairos/core/driver'
import { FIRST_KEY, firstKeyAt, keyBeside, LAST_KEY } from '../event/keys.ts'
import type { Eviction } from '../types.ts'
import type { EventLog } from './event-log.ts'

/** How many streams are looked at together. */
const TOGETHER = 16

/** The streams that hold an event which is not too old, sorted. */
export async function liveStreams(
  log: EventLog,
  namespace: string,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const listed = (await log.streams(namespace, signal)).filter((stream) => stream.startsWith(prefix)).sort()
  const live: string[] = []
  for await (const some of filterLive(log, namespace, listed, signal)) live.push(...some)
  return live
}

/** Those of some streams that hold an event which is not too old, a few at a time: where age matters, each is looked into. */
export async function* filterLive(
  log: EventLog,
  namespace: string,
  streams: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[], void, void> {
  const turn = createYielder()
  for (let index = 0; index < streams.length; index += TOGETHER) {
    await turn()
    const some = streams.slice(index, index + TOGETHER)
    const hold = await Promise.all(some.map((stream) => isLive(log, namespace, stream, signal)))
    yield some.filter((_stream, at) => hold[at])
  }
}

async function isLive(
  log: EventLog,
  namespace: string,
  stream: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (log.retention.ruleFor(stream)?.age === undefined) return true
  const live = { first: log.retention.oldestLive(stream), last: LAST_KEY }
  return (await log.keyAt(namespace, stream, live, 0, signal)) !== null
}

/** How many events a stream had when they were last counted, and how many rounds ago that was. */
interface CountedStream {
  readonly total: number
  /** Of these, so many were behind the mark. */
  readonly afterMark: number
  readonly mark: string
  readonly rounds: number
}

/** After so many rounds all events are counted again: those that came late, before the mark, show in nothing else. */
const MOST_ROUNDS = 10

/** What evictions that are repeated remember of capped streams, so that not all of each is counted every time. */
export class EvictionMemory {
  #streams = new Map<string, CountedStream>()
  #next = new Map<string, CountedStream>()

  recall(place: string): CountedStream | undefined {
    return this.#streams.get(place)
  }

  remember(place: string, counted: CountedStream): void {
    this.#next.set(place, counted)
  }

  /** Ends a round: what it did not come by is forgotten. */
  turn(): void {
    this.#streams = this.#next
    this.#next = new Map()
  }
}

/**
 * Deletes what the retention rules do not keep, stream by stream. With a memory of the rounds before, a stream is counted when it may have grown
 * beyond its cap; one that late events took there, some rounds later.
 */
export async function evict(
  log: EventLog,
  signal: AbortSignal | undefined,
  memory?: EvictionMemory,
): Promise<readonly Eviction[]> {
  const evictions: Eviction[] = []
  if (log.retention.isEmpty) return evictions
  const turn = createYielder()
  for (const namespace of log.namespaces) {
    for (const stream of await log.streams(namespace, signal)) {
      await turn()
      const evicted = await evictFrom(log, namespace, stream, signal, memory)
      if (evicted > 0) evictions.push({ namespace, stream, evicted })
    }
  }
  memory?.turn()
  return evictions
}

async function evictFrom(
  log: EventLog,
  namespace: string,
  stream: string,
  signal: AbortSignal | undefined,
  memory: EvictionMemory | undefined,
): Promise<number> {
  const rule = log.retention.ruleFor(stream)
  if (rule === undefined) return 0
  const oldest = log.retention.oldestLive(stream)
  let evicted = 0
  if (oldest !== FIRST_KEY) {
    evicted += await log.delete(namespace, stream, { first: FIRST_KEY, last: keyBeside(oldest, -1n) }, signal)
  }
  if (rule.events === undefined) return evicted
  const surplus = await countSurplus(log, namespace, stream, rule.events, signal, memory)
  if (surplus > 0) evicted += await evictOldest(log, namespace, stream, { kept: rule.events, surplus }, signal)
  return evicted
}

/** How many events a stream holds beyond those that are kept; 0 where its newest events tell that there can be none. */
async function countSurplus(
  log: EventLog,
  namespace: string,
  stream: string,
  kept: number,
  signal: AbortSignal | undefined,
  memory: EvictionMemory | undefined,
): Promise<number> {
  const place = `${namespace}/${stream}`
  const known = memory?.recall(place)
  const countFrom = (first: string): Promise<number> => log.count(namespace, stream, { first, last: LAST_KEY }, signal)
  if (known !== undefined && known.rounds < MOST_ROUNDS) {
    const grown = (await countFrom(known.mark)) - known.afterMark
    if (known.total + grown <= kept) {
      memory?.remember(place, { ...known, rounds: known.rounds + 1 })
      return 0
    }
  }
  const mark = firstKeyAt(log.now())
  // Before the whole, so that what comes in between counts as growth once too often, and not once too seldom.
  const afterMark = memory === undefined ? 0 : await countFrom(mark)
  const total = await countFrom(FIRST_KEY)
  memory?.remember(place, { total: Math.min(total, kept), afterMark: Math.min(afterMark, kept), mark, rounds: 0 })
  return Math.max(0, total - kept)
}

/**
 * Deletes all but the latest `kept` events. By a key behind which there are still as many, and not by their number: another process may evict at
 * the same time, and the two together would delete twice as many. One that was overtaken leaves its part to the next time.
 */
async function evictOldest(
  log: EventLog,
  namespace: string,
  stream: string,
  { kept, surplus }: { readonly kept: number; readonly surplus: number },
  signal: AbortSignal | undefined,
): Promise<number> {
  const last = await log.keyAt(namespace, stream, { first: FIRST_KEY, last: LAST_KEY }, surplus - 1, signal)
  if (last === null) return 0
  const rest = await log.count(namespace, stream, { first: keyBeside(last, 1n), last: LAST_KEY }, signal)
  return rest < kept ? 0 : log.delete(namespace, stream, { first: FIRST_KEY, last }, signal)
}
