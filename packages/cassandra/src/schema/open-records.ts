import type { OldestLive, OpenOptions, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { factsKindOf, kindOf, SCHEMA, schemaFactsOf, tableOf } from './kinds.ts'
import { type Location, locationOf } from './place.ts'
import { type Beside, DROPPED, generationAfter, type Recorded, type Records } from './records.ts'
import type { RecordsContext } from './records-context.ts'

/** Intervals that are recorded in one step: servers refuse batches above 50 KiB. */
const AT_ONCE = 8

/** Records the schema if there is no record of it, or replaces the one it is asked to; resolves to the record that is there now. */
export async function recordSchema(
  at: RecordsContext,
  schema: StoreSchema<TimeseriesType>,
  options: OpenOptions,
  replace: (before: Recorded) => Promise<void>,
): Promise<Recorded> {
  const { records, place, directory } = at
  const read = async (): Promise<Recorded | undefined> => (await records.read(SCHEMA.kind)).get(SCHEMA.key)
  const before = await read()
  if (before !== undefined && before.record !== DROPPED) {
    if (before.record === schema.record || before.record !== options.replace?.schema) return before
    await replace(before)
  }
  for (;;) {
    // Another process may have been first, and another one may have dropped what that recorded.
    const found = await read()
    if (found !== undefined && found.record !== DROPPED) return found
    await directory.add(place)
    const beside = besideSchema(at, schema, generationAfter(found))
    await records.exchange([{ ...SCHEMA, before: found, record: schema.record, beside }])
  }
}

/** What is written together with the schema's record. */
export function besideSchema(
  { place }: RecordsContext,
  schema: StoreSchema<TimeseriesType>,
  generation: number,
): Beside[] {
  const facts = { ...schemaFactsOf(generation), text: schema.facts }
  if (place.name === undefined) return [facts]
  const { table } = locationOf(place, schema.valueType, generation)
  return [facts, { ...tableOf(generation), text: table }]
}

/** Where the cells of a record of the schema are; with a name, only the record's own process could tell from its valueType. */
export async function recordedLocation(
  { records, place }: RecordsContext,
  { valueType }: StoreSchema<TimeseriesType>,
  { generation }: Recorded,
): Promise<Location> {
  const location = locationOf(place, valueType, generation)
  if (place.name === undefined) return location
  const { kind, key } = tableOf(generation)
  const recorded = (await records.read(kind)).get(key)
  return recorded === undefined ? location : { ...location, table: recorded.record }
}

/** From which bucket on each interval's cells are live; where that is unknown, all are. */
export function liveIn(intervals: readonly string[], oldestLive: OldestLive = {}): OldestLive {
  const oldest = intervals.map((interval) => [
    interval,
    Object.hasOwn(oldestLive, interval) ? oldestLive[interval]! : Number.MIN_SAFE_INTEGER,
  ])
  return Object.fromEntries(oldest)
}

/** Records the intervals that have no record; resolves to all records of intervals, those that were dropped included. */
export async function recordIntervals(
  records: Records,
  recorded: Recorded,
  { intervals }: StoreSchema<TimeseriesType>,
): Promise<Map<string, Recorded>> {
  const [kind, facts] = [kindOf(recorded), factsKindOf(recorded)]
  for (;;) {
    const found = await records.read(kind)
    const missing = Object.entries(intervals).filter(([key]) => (found.get(key)?.record ?? DROPPED) === DROPPED)
    if (missing.length === 0) return found
    // If another process has recorded one of them meanwhile, the others are recorded in the next round.
    await records.exchange(
      missing.slice(0, AT_ONCE).map(([key, own]) => ({
        ...{ kind, key, before: found.get(key), record: own.record },
        beside: [{ kind: facts, key, text: own.facts }],
      })),
    )
  }
}

/** Renews the facts of intervals that are opened with others; if it cannot, those that are there stay. */
export async function renewFacts(
  records: Records,
  recorded: Recorded,
  { intervals }: StoreSchema<TimeseriesType>,
  current: ReadonlyMap<string, Recorded>,
): Promise<void> {
  const kind = factsKindOf(recorded)
  try {
    const [known] = await records.look([kind])
    const others = Object.entries(intervals).flatMap(([key, { record, facts }]) => {
      const before = known!.get(key)
      const same = before?.record === facts || current.get(key)?.record !== record
      return same ? [] : [{ kind, key, before, record: facts }]
    })
    if (others.length > 0) await records.exchange(others)
  } catch {
    // A process that may only read has opened it all the same.
  }
}
