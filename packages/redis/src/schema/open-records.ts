import { KairosError } from '@kairos/core'
import type { StoreSchema, TimeseriesType } from '@kairos/core/driver'
import type { ScriptRunner } from '../connection/script-runner.ts'
import { isShards, MOST_SHARDS } from '../options.ts'
import { LAYOUT, openScript } from '../scripts/records.ts'
import { intervalArguments, RecordedSchema } from './records.ts'

const DEFAULT_SHARDS = 256

/** The records of a type, with those that were missing. */
interface OpenedRecords {
  readonly recorded: RecordedSchema
  /** The server's clock, Unix seconds. */
  readonly clock: number
}

/**
 * Adds the records that are missing, and reads them all. Resolves to a number if another process is replacing records: for how many milliseconds its mark
 * lasts.
 * @param key of the hash with the records
 * @throws KAIROS_CONFIG_CHANGED
 * @throws StoreFailure
 */
export async function openRecords(
  runner: ScriptRunner,
  key: string,
  shards: number | undefined,
  schema: StoreSchema<TimeseriesType>,
): Promise<OpenedRecords | number> {
  const parameters = [String(shards ?? DEFAULT_SHARDS), schema.record, schema.facts]
  parameters.push(...intervalArguments(schema, Object.keys(schema.intervals)))
  const reply = await runner.ask(openScript, [key], parameters)
  if (typeof reply === 'number') return reply
  const [seconds, microseconds, fields] = reply as [Buffer, Buffer, readonly Buffer[]]
  const recorded = new RecordedSchema(fields)
  checkLayout(recorded, shards, key)
  return { recorded, clock: Number(seconds) + Number(microseconds) / 1e6 }
}

function checkLayout(recorded: RecordedSchema, shards: number | undefined, key: string): void {
  const layout = recorded.field('layout')
  if (layout !== LAYOUT) {
    throw new KairosError(
      'KAIROS_CONFIG_CHANGED',
      `the layout in ${key} must be ${LAYOUT}, not ${layout}; use the version of @kairos/redis that wrote it`,
      { driver: 'redis', recorded: layout, configured: LAYOUT },
    )
  }
  const recordedShards = recorded.field('shards')
  if (!isShards(Number(recordedShards))) {
    throw new KairosError(
      'KAIROS_CONFIG_CHANGED',
      `shards in ${key} must be a whole number from 1 to ${MOST_SHARDS}, not ${recordedShards}; restore what was there`,
      { driver: 'redis', recorded: recordedShards },
    )
  }
  if (shards === undefined || recordedShards === String(shards)) return
  throw new KairosError(
    'KAIROS_CONFIG_CHANGED',
    `shards must be ${recordedShards}, as recorded in ${key}, not ${shards}; leave the option out, or use another prefix`,
    { driver: 'redis', recorded: recordedShards, configured: String(shards) },
  )
}
