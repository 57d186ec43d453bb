import type { Client } from 'cassandra-driver'

/** What one would write for one purpose: a partition for a name and day, a row for a minute, its value replaced. */
export const TABLE =
  'CREATE TABLE IF NOT EXISTS bench.by_hand (name text, day int, minute int, value double, PRIMARY KEY ((name, day), minute))'

/** A value of one minute. */
export interface Minute {
  readonly name: string
  /** Minutes since the epoch. */
  readonly minute: number
  readonly value: number
}

/** The same as the driver's own: in flight at once. */
const CONCURRENCY = 128

/** One prepared statement a row, so many in flight. */
export async function insertByHand(client: Client, rows: readonly Minute[], ttl: number): Promise<void> {
  const query = 'INSERT INTO bench.by_hand (name, day, minute, value) VALUES (?, ?, ?, ?) USING TTL ?'
  await inFlight(rows, ({ name, minute, value }) =>
    client.execute(query, [name, Math.floor(minute / 1_440), minute, value, ttl], OPTIONS),
  )
}

export async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}

/** A day of minutes, into a map by their starts. */
export async function readByHand(client: Client, name: string, day: number): Promise<Map<number, number>> {
  const query = 'SELECT minute, value FROM bench.by_hand WHERE name = ? AND day = ?'
  const { rows } = await client.execute(query, [name, day], OPTIONS)
  return new Map(rows.map((row) => [row.minute * 60, row.value] as const))
}

/** LOCAL_QUORUM, as the driver's own. */
const OPTIONS = { prepare: true, isIdempotent: true, consistency: 6, fetchSize: 5_000 } as const
