import { encodeLine } from '../event/event-codec.ts'
import { firstKeyAt, lastKeyAt } from '../event/keys.ts'
import { type JsonSchema, SchemaSketch } from '../json/schema-sketch.ts'
import type { EventLog } from './event-log.ts'

/** How much to infer a schema from, and how large it may become. */
export interface Sample {
  /** Events. */
  readonly sample: number
  /** Characters of these events. */
  readonly maxBytes: number
  /** Members of the schema. */
  readonly maxParts: number
  readonly signal?: AbortSignal | undefined
}

/** Infers the schema of the newest events between 1970 and now. */
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
      sketch.add(encodeLine(event))
      length += event.body.length
    }
    if (length >= maxBytes) break
  }
  return sketch.schema
}
