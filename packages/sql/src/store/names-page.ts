import { compareCodePoints, type NamesPage, type NamesQuery } from '@kairos/core/driver'
import type { Database } from '../connection/session.ts'
import type { Dialect, NamesSearch } from '../dialects/dialect.ts'
import type { Table } from '../dialects/table.ts'
import { checkGeneration } from '../schema/generation.ts'
import { toNumber } from '../values/value-columns.ts'

/** A page of few names, among many that have expired, ends after this many statements. */
const MOST_STATEMENTS = 5
/** The most index entries that a statement visits for names that have expired. */
const MOST_STEPS = 2_000

/** A page of the names with live data, by one seek in the primary key for each, whatever lies between them. */
export async function namesPage(
  database: Database,
  dialect: Dialect,
  table: Table,
  { oldestLive, prefix = '', after, limit }: NamesQuery,
): Promise<NamesPage> {
  const { codec, decodeText } = dialect
  const oldest = Object.entries(oldestLive).map(([interval, bucket]) => [codec.encode(interval), bucket] as const)
  if (oldest.length === 0) return { names: [] }
  const isAfter = after !== undefined && compareCodePoints(after, prefix) >= 0
  let search: NamesSearch = {
    oldest,
    prefix: codec.encode(prefix),
    from: codec.encode(isAfter ? after : prefix),
    included: !isAfter,
    // One more than the page says whether another follows.
    steps: limit + 1,
  }
  const names: string[] = []
  for (let statements = 1; ; statements++) {
    const { query, most, isChecked } = dialect.namesPage(table, search)
    const { rows } = await database.execute(query)
    // Afterwards: names read before a replacement belong to these records.
    if (!isChecked) await database.execute(checkGeneration(table))
    const found = rows.map(({ name, live, visited }) => ({
      name: decodeText(name),
      isLive: toNumber(live) === 1,
      visited: toNumber(visited),
    }))
    const mayFollow = found.reduce((sum, { visited }) => sum + visited, 0) >= most
    // The last name may not have been looked at completely.
    if (mayFollow && !found.at(-1)!.isLive) found.pop()
    for (const { name, isLive } of found) {
      if (!isLive) continue
      if (names.length === limit) return { names, next: names.at(-1)! }
      names.push(codec.decode(name))
    }
    if (!mayFollow) return { names }
    const last = found.at(-1)
    const next = last === undefined ? undefined : codec.decode(last.name)
    if (next !== undefined && (names.length === limit || statements >= MOST_STATEMENTS)) return { names, next }
    search = {
      ...search,
      ...(last !== undefined && { from: last.name, included: false }),
      steps: last === undefined ? search.steps * 2 : Math.max(search.steps, MOST_STEPS),
    }
  }
}
