import type { FoundPlace } from '@kairos/core/driver'
import type { ScriptRunner } from '../connection/script-runner.ts'
import { placesScript, schemaScript } from '../scripts/records.ts'
import { nameOfPlace, placesKey, schemaKey } from './keys.ts'
import { RecordedSchema } from './records.ts'

/** Every timeseries under a prefix. */
export async function discoverPlaces(runner: ScriptRunner, prefix: string): Promise<FoundPlace[]> {
  const places = (await runner.ask(placesScript, [placesKey(prefix)], [])) as readonly Buffer[]
  const found = await Promise.all(places.map((place) => placeAt(runner, prefix, place.toString())))
  return found.filter((place) => place !== undefined)
}

/** Undefined if it has been dropped meanwhile. */
async function placeAt(runner: ScriptRunner, prefix: string, place: string): Promise<FoundPlace | undefined> {
  const fields = (await runner.ask(schemaScript, [schemaKey(prefix, place)], [])) as readonly Buffer[]
  const recorded = new RecordedSchema(fields)
  if (!recorded.isRecorded) return undefined
  const name = nameOfPlace(place)
  return { ...(name !== undefined && { name }), records: recorded.records, facts: recorded.facts }
}
