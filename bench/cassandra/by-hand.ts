import type { Client } from 'cassandra-driver'

/** What one would write for a single purpose: a partition per name and day, a row per minute, whose value is replaced. */
export const TABLE =
  'CREATE TABLE IF NOT EXISTS bench.by_hand (name text, day int, minute int, value double, PRIMARY KEY ((name, day), minute))'

/** What one would count with: nothing else in Cassandra adds. Its rows cannot expire, and an increment whose answer is lost cannot be repeated. */
export const COUNTERS =
  'CREATE TABLE IF NOT EXISTS bench.counters_by_hand (name text, day int, minute int, value counter, PRIMARY KEY ((name, day), minute))'

/** A value of one minute. */
export interface Minute {
  readonly name: string
  /** Minutes since the epoch. */
  readonly minute: number
  readonly value: number
}

/** In flight at once, as in the driver. */
const CONCURRENCY = 128

/** One prepared statement per row, this many in flight. */
export async function insertByHand(client: Client, rows: readonly Minute[], ttl: number): Promise<void> {
  const query = 'INSERT INTO bench.by_hand (name, day, minute, value) VALUES (?, ?, ?, ?) USING TTL ?'
  await inFlight(rows, ({ name, minute, value }) =>
    client.execute(query, [name, Math.floor(minute / 1_440), minute, value, ttl], OPTIONS),
  )
}

/** The same for counters. */
export async function countByHand(client: Client, rows: readonly Minute[]): Promise<void> {
  const query = 'UPDATE bench.counters_by_hand SET value = value + ? WHERE name = ? AND day = ? AND minute = ?'
  await inFlight(rows, ({ name, minute, value }) =>
    client.execute(query, [value, name, Math.floor(minute / 1_440), minute], { ...OPTIONS, isIdempotent: false }),
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

/** A day of Kairos's own rows, read with as little as possible: the windows that hold it, each row's deltas added up. */
export async function readCountsByHand(client: Client, name: string, day: number): Promise<Map<number, number>> {
  const query = 'SELECT i, b, d FROM bench.count WHERE name = ? AND window = ? AND i >= ? AND i <= ?'
  const [first, last] = [day * 1_440, day * 1_440 + 1_439]
  const windows = [
    ...new Set([first, Math.floor((first + last) / 2), last].map((minute) => Math.floor(minute / 1_024))),
  ]
  const results = await Promise.all(
    windows.map((window) => client.execute(query, [name, `minute ${window}`, String(first), String(last)], OPTIONS)),
  )
  const sums = new Map<number, number>()
  for (const { i, b, d } of results.flatMap(({ rows }) => rows)) {
    const minute = i.toNumber() * 60
    const added = (d ?? []).reduce((sum: number, delta: Buffer) => sum + delta.readDoubleBE(16), b ?? 0)
    sums.set(minute, (sums.get(minute) ?? 0) + added)
  }
  return sums
}

/** LOCAL_QUORUM, like the driver. */
const OPTIONS = { prepare: true, isIdempotent: true, consistency: 6, fetchSize: 5_000 } as const
