import { createYielder } from '@kairos/core/driver'
import { LAST_KEY } from '../event/keys.ts'
import type { EventLog } from './event-log.ts'

/** How many streams are checked at the same time. */
const CONCURRENCY = 16

/** The streams with a prefix that hold an event which is not too old, sorted. */
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

/** The streams of a list that hold an event which is not too old, a few at a time. Only streams with a maximum age have to be read. */
export async function* filterLive(
  log: EventLog,
  namespace: string,
  streams: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[], void, void> {
  const yieldTurn = createYielder()
  for (let index = 0; index < streams.length; index += CONCURRENCY) {
    await yieldTurn()
    const some = streams.slice(index, index + CONCURRENCY)
    const live = await Promise.all(some.map((stream) => isLive(log, namespace, stream, signal)))
    yield some.filter((_stream, at) => live[at])
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
