import { configChangedFailure, failedStore, outlastLeases } from '@kairos/core/driver'
import { ClosingMark, isOpen } from './closing.ts'
import { factsKindOf, kindOf, SCHEMA, schemaFactsOf, tableOf } from './kinds.ts'
import { intervalKey } from './place.ts'
import { DROPPED, type Exchange, generationAfter, type Recorded } from './records.ts'
import type { RecordsContext } from './records-context.ts'

/** Deletes cells that are out of sight. */
interface Cells {
  freeAll(): Promise<void>
  /** Those under this key. */
  free(intervalKey: string): Promise<void>
}

/**
 * Drops a timeseries, or what is left of an interval. Other processes are refused first, as when a record is replaced: a mark, the wait for their
 * leases, an exchange. Then the cells are deleted, which nothing shows any more: a call that failed there may be repeated.
 * @throws StoreFailure
 */
export async function drop(
  at: RecordsContext,
  cells: Cells,
  recorded: Recorded,
  interval: string | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  await at.shared.clock.ready()
  const schema = (await at.records.read(SCHEMA.kind)).get(SCHEMA.key)
  const isDropped = schema?.record === DROPPED && schema.generation === generationAfter(recorded)
  if (schema?.generation !== recorded.generation && !(isDropped && interval === null)) throw configChangedFailure()
  if (interval === null) await dropAll(at, cells, recorded, isDropped, signal)
  else await dropInterval(at, cells, recorded, interval, signal)
}

async function dropAll(
  at: RecordsContext,
  cells: Cells,
  recorded: Recorded,
  isDropped: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { records, directory, place, shared } = at
  const { generation } = recorded
  const begun = shared.clock.tick()
  if (!isDropped) {
    const beside = [schemaFactsOf(generation), tableOf(generation)].map((key) => ({ ...key, text: null }))
    await close(at, { ...SCHEMA, before: recorded, record: DROPPED, beside }, signal)
    // Not what a process adds that opens it from now on.
    await directory.remove(place, begun)
  }
  await records.removeKinds([kindOf(recorded), factsKindOf(recorded)], shared.clock.deleteTimestamp())
  await cells.freeAll()
}

async function dropInterval(
  at: RecordsContext,
  cells: Cells,
  recorded: Recorded,
  interval: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const kind = kindOf(recorded)
  const before = (await at.records.read(kind)).get(interval)
  if (before === undefined) return
  const isDropped = before.record === DROPPED
  const beside = [{ kind: factsKindOf(recorded), key: interval, text: null }]
  if (!isDropped) await close(at, { kind, key: interval, before, record: DROPPED, beside }, signal)
  await cells.free(intervalKey(interval, before.generation - (isDropped ? 1 : 0)))
}

/** Exchanges a record once no process can still rely on it. */
async function close(
  { records, shared, settings }: RecordsContext,
  exchange: Exchange,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { lease, timeout } = settings
  // Removes a mark that a process left which died.
  const open = await isOpen(records, shared.clock)
  const mark = open ? await ClosingMark.put(records, shared.clock, lease + timeout) : null
  if (mark === null) throw failedStore('another process is replacing the configuration', 'later')
  try {
    await outlastLeases(lease, signal)
    if (await mark.exchange([exchange])) return
  } catch (error) {
    // If that fails as well, another process removes the mark when it has expired.
    await mark.remove().catch(() => {})
    throw error
  }
  await mark.remove()
  throw failedStore('another process has replaced the configuration', 'later')
}
