import { type CellWrite, isWriteFailure } from '@kairos/core/driver'
import { claim, same, show } from '../internal/same.ts'
import { type Cell, readCells } from '../store/cells.ts'
import type { OpenedCells } from '../test-context.ts'

/** What a failure may say about a retry. Anything else, even nothing, is a mistake of the driver. */
export const RETRIES: readonly unknown[] = ['now', 'later', 'never']

/** What a write reported about its cells. */
interface WriteReport {
  readonly stored: readonly CellWrite[]
  readonly notApplied: readonly CellWrite[]
}

/** What a write's rejection reports about each cell; null: it resolved. Anything but a WriteFailure means that all of them may be stored. */
function reportOf(failure: unknown, cells: readonly CellWrite[]): WriteReport {
  if (failure === null) return { stored: cells, notApplied: [] }
  claim(failure instanceof Error, () => `a write must reject with an Error, not ${show(failure)}`)
  if (!isWriteFailure(failure)) return { stored: [], notApplied: [] }
  claim(RETRIES.includes(failure.retry), () => `a write's failure says retry: ${show(failure.retry)}`)
  const { notApplied, maybeApplied } = failure
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

function positionOf({ name, interval, bucket, resolutionBucket }: Omit<CellWrite, 'change'>): string {
  return JSON.stringify([name, interval, bucket, resolutionBucket])
}

/**
 * Compares what a write into new cells reported about each of them with what the store holds. The names must be new, and the driver must not
 * have split a cell.
 */
export async function expectTruth(
  opened: OpenedCells,
  cells: readonly Cell[],
  failure: unknown,
  what: string,
): Promise<void> {
  const found = new Map<string, unknown>()
  const names = [...new Set(cells.map(({ name }) => name))]
  for (const interval of new Set(cells.map((each) => each.interval))) {
    const query = { names, interval, range: { first: 0, last: 1_000_000 } }
    for (const [key, value] of await readCells(opened, query)) found.set(`${interval} ${key}`, value)
  }
  const keyOf = (each: Omit<CellWrite, 'change'>): string =>
    `${each.interval} ${each.bucket}/${each.resolutionBucket} ${each.name}`
  const isThere = (each: Omit<CellWrite, 'change'>): boolean => found.has(keyOf(each))
  const { stored, notApplied } = reportOf(failure, cells)
  const missing = stored.filter((each) => !isThere(each))
  claim(missing.length === 0, () => `${what}: cells that were reported as stored, and are not: ${show(missing)}`)
  const wrong = notApplied.filter(isThere)
  claim(wrong.length === 0, () => `${what}: cells that were reported as not stored, and are: ${show(wrong)}`)
  const whole = new Map(cells.map((each) => [keyOf(each), each.change]))
  for (const [key, value] of found) same(value, whole.get(key), `${what}: ${key}`)
}
