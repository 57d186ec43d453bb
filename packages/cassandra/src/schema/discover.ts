import { dictionary, type FoundPlace, mapConcurrently } from '@kairos/core/driver'
import type { Session } from '../connection/session.ts'
import type { Directory, KnownPlace } from './directory.ts'
import { factsKindOf, kindOf, SCHEMA, schemaFactsOf } from './kinds.ts'
import { DROPPED, type Recorded, Records, withoutDropped } from './records.ts'

/** Places read at a time. */
const AT_ONCE = 32
/** Of a record without facts. */
const NO_FACTS = '{}'
const NONE: ReadonlyMap<string, Recorded> = new Map()

/**
 * The timeseries of a directory that were not dropped: one small read for each.
 * @throws StoreFailure
 */
export async function discoverPlaces(session: Session, keyspace: string, directory: Directory): Promise<FoundPlace[]> {
  const found = await mapConcurrently(AT_ONCE, await directory.list(), (place) => readPlace(session, keyspace, place))
  return found.filter((place) => place !== null)
}

async function readPlace(session: Session, keyspace: string, { key, name }: KnownPlace): Promise<FoundPlace | null> {
  const kinds = await new Records(session, keyspace, key).all()
  const schema = kinds.get(SCHEMA.kind)?.get(SCHEMA.key)
  // Dropped, or its first process has not come to recording it.
  if (schema === undefined || schema.record === DROPPED) return null
  const intervals = [...withoutDropped(kinds.get(kindOf(schema)) ?? NONE)]
  const facts = kinds.get(factsKindOf(schema)) ?? NONE
  const ofSchema = schemaFactsOf(schema.generation)
  return {
    ...(name !== undefined && { name }),
    records: {
      schema: schema.record,
      intervals: dictionary(intervals.map(([interval, { record }]) => [interval, record])),
    },
    facts: {
      schema: kinds.get(ofSchema.kind)?.get(ofSchema.key)?.record ?? NO_FACTS,
      intervals: dictionary(intervals.map(([interval]) => [interval, facts.get(interval)?.record ?? NO_FACTS])),
    },
  }
}
