import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { TYPES } from '../internal/types.ts'
import { batchOf, cell, usualCells } from '../store/cells.ts'
import { expectTruth } from './write-report.ts'

/** When the signal aborts, in milliseconds after the write began; null: before. */
const DELAYS = [null, 0, 1, 4]
const CELLS = 400

/** A driver may ignore the signal. What it reports about an unfinished write must be true in any case. */
export const abortedWriteTests: readonly DriverTest[] = ofTypes(TYPES, (type) => ({
  title: `signal: ${type}: an aborted write of the store tells the truth about every cell`,
  async run(context) {
    const opened = await usualCells(context, type)
    const { change } = kinds[type]
    for (const delay of DELAYS) {
      const name = context.name()
      const cells = Array.from({ length: CELLS }, (_, bucket) => cell(name, 'minute', bucket, 0, change(bucket)))
      const batch = batchOf(opened.schema, cells)
      const abort = new AbortController()
      if (delay === null) abort.abort()
      else setTimeout(() => abort.abort(), delay)
      const failure = await opened.store.write(batch, { signal: abort.signal }).then(
        () => null,
        (error: unknown) => error,
      )
      await expectTruth(opened, cells, failure, `aborted after ${delay} ms`)
    }
  },
}))
