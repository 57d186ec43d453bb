import { type OldestLive, type OpenOptions, outlastLeases, type StoreSchema } from '@kairos/core/driver'
import type { ScriptRunner } from '../connection/script-runner.ts'
import { Keys } from '../schema/keys.ts'
import { intervalArguments, RecordedPlace } from '../schema/records.ts'
import { markScript, swapScript } from '../scripts/records.ts'
import { liveNames } from './names.ts'

/** Before every bucket. */
const FIRST_BUCKET = Number.MIN_SAFE_INTEGER

/** How long a mark lasts after the leases have ended: for the search for live cells, and the swap. */
const MARK_MARGIN = 10_000

/**
 * Replaces records that cover no live cell. No cell that a writer was told is stored is deleted by it: the records are marked, which keeps processes
 * from opening them and from renewing their leases; when all leases have ended, nobody writes under them; and the swap is made only while the
 * mark lasts. One who dies meanwhile leaves a mark that ends by itself.
 *
 * Resolves to for how many milliseconds another process may go on replacing records here, and then nothing was done; else 0.
 */
export async function replaceRecords(
  runner: ScriptRunner,
  prefix: string,
  schema: StoreSchema,
  { replace = {}, oldestLive = {}, signal }: OpenOptions,
  lease: number,
): Promise<number> {
  const keys = [new Keys(prefix, schema.type, 0).schema]
  const token = crypto.randomUUID()
  const seen = Object.entries(replace.intervals ?? {})
  const marking = [token, String(lease + MARK_MARGIN + runner.timeout), expected(replace.schema), ...seen.flat()]
  const marked = (await runner.ask(markScript, keys, marking)) as readonly Buffer[] | number | null
  if (marked === null || typeof marked === 'number') return marked ?? 0
  const swapped: string[] = []
  try {
    await outlastLeases(lease, signal)
    const place = new RecordedPlace(marked)
    const recorded = place.places(schema.type)
    const asked = { runner, keys: new Keys(prefix, schema.type, Number(place.field('shards'))), recorded }
    const oldestOf = (interval: string): number => oldestLive[interval] ?? FIRST_BUCKET
    const live = async (oldest: OldestLive): Promise<boolean> => (await liveNames(asked, oldest)).length > 0
    if (replace.schema !== undefined) {
      const all = Array.from(recorded.keys(), (interval) => [interval, oldestOf(interval)])
      if (!(await live(Object.fromEntries(all)))) swapped.push(expected(schema.record))
    } else {
      const dead: string[] = []
      for (const [interval, record] of seen) {
        const stands = place.records.intervals[interval] === record && Object.hasOwn(schema.intervals, interval)
        if (stands && !(await live({ [interval]: oldestOf(interval) }))) dead.push(interval)
      }
      swapped.push('', ...intervalArguments(schema, dead))
    }
  } finally {
    // Also where nothing is to be replaced: it takes the mark away.
    await runner.ask(swapScript, keys, [token, ...(swapped.length > 0 ? swapped : [''])])
  }
  return 0
}

function expected(record: string | undefined): string {
  return record === undefined ? '' : `=${record}`
}
