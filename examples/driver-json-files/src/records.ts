import { randomUUID } from 'node:crypto'
import type { FoundPlace, OldestLive, OpenOptions, StoredCell, StoreSchema } from '@kairos/core/driver'

export type Cell = StoredCell & { readonly interval: string }

/** A file: the records of one timeseries, and its cells. `Map`s, since intervals and names may be any text. */
export interface Saved extends Pick<StoreSchema, 'name' | 'facts'> {
  schema: string
  /** What replaces a record, or is recorded after a drop, has another id. */
  intervals: Map<string, { id: string; record: string; facts: string }>
  cells: Map<string, Cell>
}

/** The records, as Kairos has them. */
export function placeOf({ name, schema, facts, intervals }: Saved): FoundPlace {
  const each = (key: 'record' | 'facts') => Object.fromEntries([...intervals].map(([name, own]) => [name, own[key]]))
  const [records, shown] = [each('record'), each('facts')]
  return { ...(name && { name }), records: { schema, intervals: records }, facts: { schema: facts, intervals: shown } }
}

/** The cells of these names, or of all, that match, with their keys. */
export function select({ cells }: Saved, names: readonly string[] | null, matches: (cell: Cell) => boolean) {
  const wanted = names && new Set(names)
  return [...cells].filter(([, cell]) => (wanted?.has(cell.name) ?? true) && matches(cell))
}

/** Deletes these cells, and returns how many. */
export function remove(saved: Saved, names: readonly string[] | null, matches: (cell: Cell) => boolean): number {
  const gone = select(saved, names, matches)
  for (const [key] of gone) saved.cells.delete(key)
  return gone.length
}

/** The names with a live cell. */
export function liveNames(saved: Saved, oldestLive: OldestLive): string[] {
  const isLive = ({ interval, bucket }: Cell) => bucket >= (oldestLive[interval] ?? Infinity)
  return select(saved, null, isLive).map(([, { name }]) => name)
}

/** Adds missing records, and replaces those that are to be replaced and cover no live cell. */
export function record(
  found: Saved | null,
  { name, record, facts, intervals }: StoreSchema,
  { replace = {}, oldestLive = {} }: OpenOptions,
): Saved {
  const saved = found ?? { ...(name && { name }), schema: record, facts, intervals: new Map(), cells: new Map() }
  // Compared, not just replaced: another process may have been faster.
  const asSeen = ([interval, own]: [string, { record: string }]) =>
    replace.schema === undefined ? own.record === replace.intervals?.[interval] : replace.schema === saved.schema
  const seen = [...saved.intervals].filter(asSeen).map(([interval]) => interval)
  const live = seen.filter((each) => liveNames(saved, { [each]: oldestLive[each] ?? -Infinity }).length > 0)
  // A schema is replaced together with everything stored under it, or not at all.
  const gone = seen.filter((each) => (replace.schema === undefined ? !live.includes(each) : live.length === 0))
  remove(saved, null, ({ interval }) => gone.includes(interval))
  for (const interval of gone) saved.intervals.delete(interval)
  if (replace.schema === saved.schema && live.length === 0) saved.schema = record
  for (const [interval, { record, facts }] of Object.entries(intervals))
    saved.intervals.set(interval, { id: randomUUID(), record, ...saved.intervals.get(interval), facts })
  return saved
}
