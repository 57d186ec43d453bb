import {
  type OldestLive,
  type OpenOptions,
  outlastLeases,
  type StoreSchema,
  type TimeseriesType,
} from '@kairos/core/driver'
import type { ScriptRunner } from '../connection/script-runner.ts'
import { markScript, swapScript } from '../scripts/records.ts'
import { Keys } from './keys.ts'
import { type IntervalPlace, intervalArguments, RecordedSchema } from './records.ts'
import type { RequestContext } from './request-context.ts'

/** At or before every bucket. */
const FIRST_BUCKET = Number.MIN_SAFE_INTEGER

/** Whether any name has a live cell in these intervals, placed as they are recorded. */
type HasLiveNames = (
  context: RequestContext & { readonly recorded: ReadonlyMap<string, IntervalPlace> },
  oldestLive: OldestLive,
) => Promise<boolean>

/** How long a mark lasts after the leases have ended, in milliseconds: time to look for live cells and to swap. */
const MARK_MARGIN = 10_000

/**
 * Replaces records that do not cover a live cell. It never deletes an acknowledged cell: it marks the records, so that processes can neither open them
 * nor renew their leases; when all leases have ended, no process writes under these records any more; and it swaps them only while the mark
 * lasts. If the process dies midway, its mark expires.
 *
 * Resolves to 0; or, if another process is replacing records, for how many milliseconds its mark lasts, and then nothing was done.
 * @throws StoreFailure
 */
export async function replaceRecords(
  runner: ScriptRunner,
  prefix: string,
  schema: StoreSchema<TimeseriesType>,
  { replace = {}, oldestLive = {}, signal }: OpenOptions,
  lease: number,
  hasLiveNames: HasLiveNames,
): Promise<number> {
  const keys = [new Keys(prefix, schema, 0).schema]
  const token = crypto.randomUUID()
  const seen = Object.entries(replace.intervals ?? {})
  const marking = [token, markTime(runner, lease), expected(replace.schema), ...seen.flat()]
  const marked = (await runner.ask(markScript, keys, marking)) as readonly Buffer[] | number | null
  if (marked === null || typeof marked === 'number') return marked ?? 0
  const swapped: string[] = []
  try {
    await outlastLeases(lease, signal)
    const found = new RecordedSchema(marked)
    const recorded = found.places(schema.type)
    const context = { runner, keys: new Keys(prefix, schema, Number(found.field('shards'))), recorded }
    const oldestOf = (interval: string): number => oldestLive[interval] ?? FIRST_BUCKET
    const live = (oldest: OldestLive): Promise<boolean> => hasLiveNames(context, oldest)
    if (replace.schema !== undefined) {
      const all = Array.from(recorded.keys(), (interval) => [interval, oldestOf(interval)])
      if (!(await live(Object.fromEntries(all)))) swapped.push(expected(schema.record), schema.facts)
    } else {
      const dead: string[] = []
      for (const [interval, record] of seen) {
        const unchanged = found.records.intervals[interval] === record && Object.hasOwn(schema.intervals, interval)
        if (unchanged && !(await live({ [interval]: oldestOf(interval) }))) dead.push(interval)
      }
      swapped.push('', '', ...intervalArguments(schema, dead))
    }
  } finally {
    // Also if nothing is replaced, since it removes the mark.
    await runner.ask(swapScript, keys, [token, ...(swapped.length > 0 ? swapped : ['', ''])])
  }
  return 0
}

/** How long a mark lasts, in milliseconds. */
export function markTime({ timeout }: ScriptRunner, lease: number): string {
  return String(lease + MARK_MARGIN + timeout)
}

function expected(record: string | undefined): string {
  return record === undefined ? '' : `=${record}`
}
