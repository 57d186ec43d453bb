import { checkKeys, harmless, invalidOption } from '@kairos/core/driver'
import type { AnyStreams, EventClient, EventClientOptions, EventStore, StreamEvent, TimeInput } from '@kairos/events'

/** Which events to bring in, and how. */
export interface ImportKronosOptions {
  /** Of the server; default: its own default. */
  readonly from?: string | undefined
  /** Of the event store; default: its first. */
  readonly namespace?: string | undefined
  /** Only these streams; default: all. */
  readonly streams?: readonly string[] | undefined
  /** The first and the last time, both included; default: all. */
  readonly start?: TimeInput | undefined
  readonly end?: TimeInput | undefined
  /** Begin each stream at the newest event that the event store has of it. Only where nothing else writes there. */
  readonly resume?: boolean | undefined
  /** For the client: `token`, `headers`, `timeout`, `patience`. */
  readonly client?: Omit<EventClientOptions, 'namespace'> | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: KronosProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** How far an import has come. */
export interface KronosProgress {
  /** The stream that it is at. */
  readonly stream: string
  /** Events that were new, so far. */
  readonly inserted: number
  /** Events that the store had already. */
  readonly duplicates: number
}

/** What an import has done. */
export interface ImportKronosResult extends Omit<KronosProgress, 'stream'> {
  readonly streams: number
}

const OPTIONS = ['from', 'namespace', 'streams', 'start', 'end', 'resume', 'client', 'onProgress', 'signal']
/** Events that are put together: a batch of the event store. */
const BATCH = 1_000

/**
 * Brings the events of a Kronos server into an event store of `@kairos/events`, with their ids and times to the tick: by HTTP, as any client of Kronos reads. It may be
 * repeated, since an id is stored once; with `resume` it continues where it ended. Memory stays bounded.
 * @throws KAIROS_INVALID_CONFIG, and what the client's `get` and the store's `put` throw
 * @example
 * const events = createEventStore('sqlite:events.db')
 * console.log(await importKronos('http://old-server:8150', events, { resume: true })) // { streams: 12, inserted: 81524, duplicates: 1 }
 */
export async function importKronos(
  url: string,
  events: EventStore<AnyStreams>,
  options: ImportKronosOptions = {},
): Promise<ImportKronosResult> {
  checkKeys(options, OPTIONS, { owner: 'importKronos' })
  const { from, namespace, streams, start, end, resume, signal } = options
  if (streams !== undefined && !Array.isArray(streams))
    throw invalidOption({ path: 'streams', expected: 'a list of streams', value: streams })
  const onProgress = harmless('onProgress', options.onProgress)
  const { createEventClient } = await import('@kairos/events')
  const client = createEventClient(url, { ...options.client, ...(from !== undefined && { namespace: from }) })
  const calls = { ...(signal !== undefined && { signal }) }
  const stored = { ...calls, ...(namespace !== undefined && { namespace }) }
  const result = { streams: 0, inserted: 0, duplicates: 0 }
  try {
    for (const stream of streams ?? (await client.streams(calls))) {
      const first = (resume ? await newestIn(events, stream, stored) : undefined) ?? start
      const range = { ...calls, ...(first !== undefined && { start: first }), ...(end !== undefined && { end }) }
      for await (const batch of batchesOf(client, stream, range)) {
        const { inserted, duplicates } = await events.put(stream, batch, stored)
        result.inserted += inserted
        result.duplicates += duplicates
        onProgress?.({ stream, inserted: result.inserted, duplicates: result.duplicates })
      }
      result.streams++
    }
  } finally {
    await client.close()
  }
  return result
}

type Range = NonNullable<Parameters<EventClient['get']>[1]>

async function* batchesOf(
  client: EventClient,
  stream: string,
  range: Range,
): AsyncGenerator<readonly StreamEvent[], void, undefined> {
  let batch: StreamEvent[] = []
  for await (const event of client.get(stream, range)) {
    batch.push(event)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function newestIn(
  events: EventStore<AnyStreams>,
  stream: string,
  options: { readonly namespace?: string; readonly signal?: AbortSignal },
): Promise<bigint | undefined> {
  for await (const event of events.get(stream, { ...options, order: 'descending', limit: 1 })) return event['@time']
  return undefined
}
