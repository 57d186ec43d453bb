import { KairosError } from '@kairos/core'
import type { OpenOptions, Records, StoreSchema } from '@kairos/core/driver'
import type { Calls } from './connection/script-runner.ts'
import { Layout } from './schema/chunks.ts'
import { intervalPart, Keys } from './schema/keys.ts'
import { forgetScript, openScript } from './scripts/open.ts'
import type { IntervalPlace, OpenedPlace } from './store/context.ts'
import { deleteRegistered } from './store/delete.ts'
import { codecOf } from './values/codecs.ts'

const LAYOUT = '1'

/** What the driver was told of the place. */
export interface PlaceOptions {
  readonly prefix: string
  /** Undefined: whatever is recorded, or the default. */
  readonly shards: number | undefined
}

const DEFAULT_SHARDS = 256

/** Records what has no record, and finds out where everything lies. */
export async function openPlace(
  calls: Calls,
  { prefix, shards }: PlaceOptions,
  schema: StoreSchema,
  replace: NonNullable<OpenOptions['replace']> = {},
): Promise<{ readonly place: OpenedPlace; readonly records: Records }> {
  const { schema: key } = new Keys(prefix, schema.type, 0)
  const parameters = [String(shards ?? DEFAULT_SHARDS), schema.record, expected(replace.schema)]
  for (const [interval, { fanOut, fine, record }] of Object.entries(schema.intervals))
    parameters.push(interval, String(fanOut), fine ? '1' : '0', record, expected(replace.intervals?.[interval]))
  const reply = await calls.ask(openScript, key, parameters)
  const fields = fieldsOf(reply as readonly Buffer[])
  checkLayout(fields, shards, key)
  const { place, records } = placeOf(calls, new Keys(prefix, schema.type, Number(fields.get('shards'))), schema, fields)
  await deleteRetired(place, fields)
  return { place, records }
}

function expected(record: string | undefined): string {
  return record === undefined ? '' : `=${record}`
}

function fieldsOf(reply: readonly Buffer[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (let index = 0; index < reply.length; index += 2)
    fields.set(reply[index]!.toString(), reply[index + 1]!.toString())
  return fields
}

function checkLayout(fields: ReadonlyMap<string, string>, shards: number | undefined, key: string): void {
  if (fields.get('layout') !== LAYOUT) {
    throw new KairosError(
      'KAIROS_CONFIG_CHANGED',
      `${key} says that its data have the layout ${fields.get('layout')}, and this version of @kairos/redis knows ${LAYOUT}`,
      { driver: 'redis', recorded: fields.get('layout'), configured: LAYOUT },
    )
  }
  if (shards === undefined || fields.get('shards') === String(shards)) return
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `${key} says that its data lie in ${fields.get('shards')} shards, not ${shards}; leave the option out, or use another prefix`,
    { driver: 'redis', recorded: fields.get('shards'), configured: String(shards) },
  )
}

const INTERVAL = 'interval:'
const RETIRED = 'retired:'

function placeOf(
  calls: Calls,
  keys: Keys,
  schema: StoreSchema,
  fields: ReadonlyMap<string, string>,
): { place: OpenedPlace; records: Records } {
  const recorded = new Map<string, IntervalPlace>()
  const intervals: [string, string][] = []
  for (const [field, entry] of fields) {
    if (!field.startsWith(INTERVAL)) continue
    const interval = field.slice(INTERVAL.length)
    const [, generation, fanOut, fine, record] = /^(\d+) (\d+) ([01]) (.*)$/s.exec(entry)!
    const layout = new Layout(schema.type, { fine: fine === '1', fanOut: Number(fanOut) })
    recorded.set(interval, { part: intervalPart(interval, Number(generation)), layout })
    intervals.push([interval, record!])
  }
  const configured = Object.entries(schema.intervals).map(
    ([interval, shape]) =>
      [
        interval,
        { part: recorded.get(interval)!.part, layout: new Layout(schema.type, shape), schema: shape },
      ] as const,
  )
  return {
    place: {
      calls,
      keys,
      type: schema.type,
      codec: codecOf(schema.type === 'count' ? 'float' : schema.valueType),
      schema,
      intervals: new Map(configured),
      recorded,
    },
    // No prototype, since an interval may be named __proto__.
    records: {
      schema: fields.get('schema')!,
      intervals: Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(intervals)),
    },
  }
}

/** Deletes what lies under replaced records: what another process that died meanwhile has left, too. */
async function deleteRetired({ calls, keys }: OpenedPlace, fields: ReadonlyMap<string, string>): Promise<void> {
  const retired = [...fields.keys()].filter((field) => field.startsWith(RETIRED))
  if (retired.length === 0) return
  const parts = retired.map((field) => {
    const [, generation, interval] = /^retired:(\d+):(.*)$/s.exec(field)!
    return intervalPart(interval!, Number(generation))
  })
  await deleteRegistered(calls, keys, parts)
  await calls.ask(forgetScript, keys.schema, retired)
}
