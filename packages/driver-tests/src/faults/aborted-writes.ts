import type { CellWrite } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { isWriteFailure } from '../internal/patient.ts'
import { claim, same, show } from '../internal/same.ts'
import { batchOf, type Cell, cell, readCells, usualCells } from '../store/cells.ts'

/** When the signal aborts, in milliseconds after the write began; null: before. */
const DELAYS = [null, 0, 1, 4, 10]
const CELLS = 600

/** A driver may ignore the signal. What it says of a write that it did not finish must be true all the same. */
export const abortedWriteTests: readonly DriverTest[] = ofTypes((type) => ({
  title: `signal: ${type}: a store's write that is aborted tells the truth about every cell`,
  async run(bench) {
    const opened = await usualCells(bench, type)
    const { change } = kinds[type]
    for (const delay of DELAYS) {
      const name = bench.name()
      const cells = Array.from({ length: CELLS }, (_, bucket) => cell(name, 'minute', bucket, 0, change(bucket)))
      const batch = batchOf(opened.schema, cells)
      const abort = new AbortController()
      if (delay === null) abort.abort()
      else setTimeout(() => abort.abort(), delay)
      const failure = await opened.store.write(batch, { signal: abort.signal }).then(
        () => null,
        (error: unknown) => error,
      )
      const found = await readCells(opened, { names: [name], interval: 'minute', range: { first: 0, last: CELLS } })
      const isThere = ({ bucket }: { readonly bucket: number }) => found.has(`${bucket}/0 ${name}`)
      const { stored, notApplied } = failure === null ? { stored: cells, notApplied: [] } : toldOf(failure, batch.cells)
      same(
        stored.filter((each) => !isThere(each)),
        [],
        'cells that were said to be stored, and are not',
      )
      same(notApplied.filter(isThere), [], 'cells that were said not to be stored, and are')
      const whole = new Map(cells.map((each) => [`${each.bucket}/0 ${name}`, each.change]))
      for (const [key, value] of found) same(value, whole.get(key), `${key}, of an aborted write`)
    }
  },
}))

interface Told {
  readonly stored: readonly Cell[]
  readonly notApplied: readonly CellWrite[]
}

/** What a write's rejection says of each cell. Any but a WriteFailure says that all of them may have been applied. */
function toldOf(failure: unknown, cells: readonly CellWrite[]): Told {
  claim(failure instanceof Error, () => `a write must reject with an Error, not ${show(failure)}`)
  if (!isWriteFailure(failure)) return { stored: [], notApplied: [] }
  const { notApplied, maybeApplied } = failure
  const positionOf = ({ name, interval, bucket, resolutionBucket }: CellWrite) =>
    JSON.stringify([name, interval, bucket, resolutionBucket])
  const known = new Set(cells.map(positionOf))
  for (const [list, listed] of Object.entries({ notApplied, maybeApplied })) {
    claim(
      listed.every((each) => known.has(positionOf(each))),
      `the failure's ${list} has cells that were not in the batch`,
    )
    claim(new Set(listed).size === listed.length, `the failure's ${list} has a cell twice`)
  }
  const doubtful = new Set([...notApplied, ...maybeApplied].map(positionOf))
  return { stored: cells.filter((each) => !doubtful.has(positionOf(each))), notApplied }
}
