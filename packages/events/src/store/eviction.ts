import { createTurns } from '@kairos/core/driver'
import { FIRST_KEY, keyBeside, LAST_KEY } from '../ids.ts'
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
  for await (const some of liveOnes(log, namespace, listed, signal)) live.push(...some)
  return live
}

/** Those of some streams that hold an event which is not too old, a few at a time: where age matters, each is looked into. */
export async function* liveOnes(
  log: EventLog,
  namespace: string,
  streams: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[], void, void> {
  const turn = createTurns()
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
  if (log.retention.ruleOf(stream)?.age === undefined) return true
  const query = { first: FIRST_KEY, last: LAST_KEY, order: 'descending', limit: 1, maxLength: 1 } as const
  return (await log.page(namespace, stream, query, signal)).events.length > 0
}

/** Deletes what the retention rules do not keep, stream by stream. */
export async function evict(log: EventLog, signal: AbortSignal | undefined): Promise<readonly Eviction[]> {
  const evictions: Eviction[] = []
  if (log.retention.isEmpty) return evictions
  const turn = createTurns()
  for (const namespace of log.namespaces) {
    for (const stream of await log.streams(namespace, signal)) {
      await turn()
      const evicted = await evictFrom(log, namespace, stream, signal)
      if (evicted > 0) evictions.push({ namespace, stream, evicted })
    }
  }
  return evictions
}

async function evictFrom(
  log: EventLog,
  namespace: string,
  stream: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const rule = log.retention.ruleOf(stream)
  if (rule === undefined) return 0
  const oldest = log.retention.oldestLive(stream)
  let evicted = 0
  if (oldest !== FIRST_KEY) {
    evicted += await log.delete(namespace, stream, { first: FIRST_KEY, last: keyBeside(oldest, -1n) }, signal)
  }
  if (rule.events !== undefined) evicted += await evictOldest(log, namespace, stream, rule.events, signal)
  return evicted
}

/**
 * Deletes all but the latest `kept` events. By a key behind which there are still as many, and not by their number: another process may evict at
 * the same time, and the two together would delete twice as many. One that was overtaken leaves its part to the next time.
 */
async function evictOldest(
  log: EventLog,
  namespace: string,
  stream: string,
  kept: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const all = { first: FIRST_KEY, last: LAST_KEY }
  const tooMany = (await log.count(namespace, stream, all, signal)) - kept
  if (tooMany <= 0) return 0
  let last = FIRST_KEY
  for await (const events of log.pages(namespace, stream, { ...all, order: 'ascending', limit: tooMany }, signal)) {
    last = events.at(-1)!.key
  }
  const rest = await log.count(namespace, stream, { first: keyBeside(last, 1n), last: LAST_KEY }, signal)
  return rest < kept ? 0 : log.delete(namespace, stream, { first: FIRST_KEY, last }, signal)
}
