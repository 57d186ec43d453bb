import type { CellStore, CellValue, CellWrite } from '@kairos/core/driver'
import type { Kysely } from 'kysely'
import type { AnyTables } from '../../src/connection/connected.ts'
import { ask } from './places.ts'
import { cell } from './stores.ts'

export const SKETCHES = ['distribution', 'unique'] as const
export const live = { minute: Number.MIN_SAFE_INTEGER }
export const ONE = { interval: 'minute', range: { first: 1, last: 1 } }

/** Registers of precision 8, from pairs of an index and a rank. */
export function registers(entries: readonly (readonly [index: number, rank: number])[]): Uint8Array {
  const ascending = [...new Map(entries)].sort(([one], [other]) => one - other)
  return Uint8Array.from([1, 8, ...ascending.flatMap(([index, rank]) => [0, index, rank])])
}

/** Writes cells of one bucket; again where a deadlock or a busy file has refused them, as core would. */
export async function writeTo(store: CellStore, ...cells: CellWrite[]): Promise<void> {
  for (;;) {
    try {
      await store.write({ cells, oldestLive: live })
      return
    } catch (error) {
      if ((error as { retry?: string }).retry === 'never') throw error
    }
  }
}

/** What the cell of a name in bucket 1 holds. */
export async function heldIn(store: CellStore, name: string): Promise<CellValue | undefined> {
  return (await store.read({ names: [name], ...ONE }))[0]?.value
}

/** How many bytes a name's cell has, and how many when it was last united. */
export async function sizesOf(
  db: Kysely<AnyTables>,
  table: string,
  name: string,
): Promise<{ bytes: number; united: number }> {
  const quote = db.getExecutor().adapter.constructor.name === 'MysqlAdapter' ? '`' : '"'
  const from = `${quote}${table}${quote} where name = '${name}'`
  const [row] = await ask(db, `select length(value) as bytes, united from ${from}`)
  return { bytes: Number(row!.bytes), united: Number(row!.united) }
}

export function cells(names: readonly string[], change: CellWrite['change']): CellWrite[] {
  return names.map((name) => cell(name, change))
}
