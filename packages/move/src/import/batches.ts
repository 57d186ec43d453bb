import { KairosError } from '@kairos/core'
import { invalidOption, messageOf } from '@kairos/core/driver'
import type { Row } from '../formats/rows.ts'

/** A row that was not imported. */
export interface DeadRow {
  /** Its number, from 1; the header of a CSV is not counted. */
  readonly row: number
  /** As it was read: the text, or for JSON the text of its element. */
  readonly raw: unknown
  /** Why it does not fit. */
  readonly reason: string
}

/** What an import has done. */
export interface ImportResult {
  /** Rows that were imported. */
  readonly rows: number
  /** Rows that did not fit, and went to `onDeadLetter`. */
  readonly dead: number
  /** What the writes stored: (value, bucket) pairs of points, or cells. */
  readonly stored: number
  /** What fell into expired buckets. */
  readonly expired: number
}

/** What all imports take. */
export interface ImportCalls {
  /**
   * Gets each row that does not fit, with the reason; what it returns is waited for. Without it, the first such row ends the import with an error:
   * those before it are stored.
   */
  readonly onDeadLetter?: ((row: DeadRow) => unknown) | undefined
  /** This many rows are passed over: those that an import that was interrupted has done. Default 0. */
  readonly skip?: number | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: ImportResult) => void) | undefined
}

/** Rows that are written together. */
const BATCH = 5_000

interface Ready<Item> {
  readonly row: Row
  readonly item: Item
}

interface Written {
  readonly stored: number
  readonly expired: number
}

/** Writes rows in batches, in their order; a batch that is refused is divided until the row that does not fit is alone. */
export async function importRows<Item>(
  rows: AsyncIterable<Row>,
  itemOf: (fields: Readonly<Record<string, unknown>>) => Item,
  write: (items: readonly Item[]) => Promise<Written>,
  { onDeadLetter, onProgress, skip = 0 }: ImportCalls,
): Promise<ImportResult> {
  if (!Number.isSafeInteger(skip) || skip < 0)
    throw invalidOption({ path: 'skip', expected: 'a whole number from 0', value: skip })
  const result = { rows: 0, dead: 0, stored: 0, expired: 0 }
  let batch: Ready<Item>[] = []

  async function bury({ row, raw }: Row, reason: string): Promise<void> {
    if (onDeadLetter === undefined) {
      const before = skip + result.rows
      const message = `row ${row}: ${reason}; rows before it are stored: continue with skip ${before}, and onDeadLetter for what does not fit`
      throw new KairosError('KAIROS_INVALID_VALUE', message, { value: raw, stored: result.stored })
    }
    result.dead++
    await onDeadLetter({ row, raw, reason })
  }

  async function send(ready: readonly Ready<Item>[]): Promise<void> {
    if (ready.length === 0) return
    try {
      const { stored, expired } = await write(ready.map(({ item }) => item))
      result.stored += stored
      result.expired += expired
      result.rows += ready.length
    } catch (error) {
      if (!isRefused(error)) throw error
      const [only] = ready
      if (ready.length === 1) return bury(only!.row, messageOf(error))
      const half = ready.length >> 1
      await send(ready.slice(0, half))
      await send(ready.slice(half))
    }
  }

  async function flush(): Promise<void> {
    const ready = batch
    batch = []
    await send(ready)
    onProgress?.({ ...result })
  }

  let skipped = 0
  for await (const row of rows) {
    if (skipped < skip) {
      skipped++
      continue
    }
    if ('reason' in row) {
      // What came before it is stored first, as the error says where there is no onDeadLetter.
      if (onDeadLetter === undefined) await flush()
      await bury(row, row.reason)
      continue
    }
    try {
      batch.push({ row, item: itemOf(row.fields) })
    } catch (error) {
      if (onDeadLetter === undefined) await flush()
      await bury(row, messageOf(error))
    }
    if (batch.length === BATCH) await flush()
  }
  await flush()
  return result
}

/** Whether a write was refused before anything of it was stored, because of what it should store. */
function isRefused(error: unknown): boolean {
  if (!KairosError.is(error) || error.notApplied !== undefined || error.maybeApplied !== undefined) return false
  const { code, feature } = error
  return (
    code === 'KAIROS_INVALID_VALUE' ||
    code === 'KAIROS_UNKNOWN_INTERVAL' ||
    (code === 'KAIROS_UNSUPPORTED' && feature === 'fractionalCounts')
  )
}
