import { createYielder } from '@kairos/core/driver'
import { FIRST_KEY, firstKeyAt, keyAfter, keyBefore, LAST_KEY } from '../event/keys.ts'
import type { Eviction } from '../types.ts'
import type { EventLog } from './event-log.ts'
import type { EvictionMemory } from './eviction-memory.ts'

/** All events are counted again after this many rounds: late events, which come before the mark, show in no other way. */
const MAX_ROUNDS = 10

/**
 * Deletes everything that the retention rules do not keep, stream by stream. With a memory of earlier rounds, it counts a stream only if new
 * events may have taken it beyond its cap; a stream that late events took there is noticed some rounds later.
 */
export async function evict(
  log: EventLog,
  signal: AbortSignal | undefined,
  memory?: EvictionMemory,
): Promise<readonly Eviction[]> {
  const evictions: Eviction[] = []
  if (log.retention.isEmpty) return evictions
  const yieldTurn = createYielder()
  for (const namespace of log.namespaces) {
    for (const stream of await log.streams(namespace, signal)) {
      await yieldTurn()
      const evicted = await evictFrom(log, namespace, stream, signal, memory)
      if (evicted > 0) evictions.push({ namespace, stream, evicted })
    }
  }
  memory?.endRound()
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
    evicted += await log.delete(namespace, stream, { first: FIRST_KEY, last: keyBefore(oldest) }, signal)
  }
  if (rule.events === undefined) return evicted
  const surplus = await countSurplus(log, namespace, stream, rule.events, signal, memory)
  if (surplus > 0) evicted += await evictOldest(log, namespace, stream, { kept: rule.events, surplus }, signal)
  return evicted
}

/** How many events a stream holds beyond those that are kept; 0 if its newest events show that there cannot be any. */
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
  if (known !== undefined && known.rounds < MAX_ROUNDS) {
    const grown = (await countFrom(known.mark)) - known.afterMark
    if (known.total + grown <= kept) {
      memory?.remember(place, { ...known, rounds: known.rounds + 1 })
      return 0
    }
  }
  const mark = firstKeyAt(log.now())
  // Before the total, so that events that arrive in between count as growth once too often rather than not at all.
  const afterMark = memory === undefined ? 0 : await countFrom(mark)
  const total = await countFrom(FIRST_KEY)
  memory?.remember(place, { total: Math.min(total, kept), afterMark: Math.min(afterMark, kept), mark, rounds: 0 })
  return Math.max(0, total - kept)
}

/**
 * Deletes all but the latest `kept` events. It deletes up to a key that has that many events after it, not a number of events: two processes that
 * evict at the same time would delete twice as many. The one that was overtaken leaves its part to the next round.
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
  const rest = await log.count(namespace, stream, { first: keyAfter(last), last: LAST_KEY }, signal)
  return rest < kept ? 0 : log.delete(namespace, stream, { first: FIRST_KEY, last }, signal)
}
