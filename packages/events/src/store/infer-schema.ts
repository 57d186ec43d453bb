import { lineOf } from '../event/event-codec.ts'
import { firstKeyAt, lastKeyAt } from '../event/keys.ts'
import { type JsonSchema, SchemaSketch } from '../json/schema-sketch.ts'
import type { EventLog } from './event-log.ts'

/** How much a schema is inferred from, and how much it may say. */
export interface Sample {
  readonly sample: number
  readonly maxBytes: number
  readonly maxParts: number
  readonly signal?: AbortSignal | undefined
}

/** The schema of the newest events from 1970 to now. */
export async function inferSchema(
  log: EventLog,
  namespace: string,
  stream: string,
  { sample, maxBytes, maxParts, signal }: Sample,
): Promise<JsonSchema> {
  const sketch = new SchemaSketch(maxParts)
  let length = 0
  const range = { first: firstKeyAt(0n), last: lastKeyAt(log.now()) }
  const request = {
    ...range,
    order: 'descending',
    limit: sample,
    maxLength: maxBytes,
    readsAhead: () => false,
  } as const
  for await (const events of log.pages(namespace, stream, request, signal)) {
    for (const event of events) {
      sketch.add(lineOf(event))
      length += event.body.length
    }
    if (length >= maxBytes) break
  }
  return sketch.schema
}
