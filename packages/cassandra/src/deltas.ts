/** What a delta's key says, beside being its own: when it was made, in microseconds, and when it expires, in Unix seconds; 0: never. */
export interface DeltaKey {
  readonly timestamp: number
  readonly expiresAt: number
}

/** `timestamp.process.expiry` in base 36. The process's tag keeps two writers apart that believe, for a moment, to own one row. */
export function deltaKey(timestamp: number, process: string, expiresAt: number): string {
  return `${timestamp.toString(36)}.${process}.${expiresAt.toString(36)}`
}

export function parseDeltaKey(key: string): DeltaKey {
  const [timestamp = '', , expiresAt = ''] = key.split('.')
  return { timestamp: Number.parseInt(timestamp, 36), expiresAt: Number.parseInt(expiresAt, 36) }
}

/** The entries of a map column as a client gives it: an object, or a Map where the client was told so; null: none. */
export function entriesOf(column: unknown): readonly (readonly [string, number])[] {
  if (column === null || column === undefined) return []
  if (Symbol.iterator in Object(column)) return [...(column as Iterable<[string, number]>)]
  return Object.entries(column as Record<string, number>)
}

/** Whether a map column has so many entries; looks at no more of them, since every row of a read is asked. */
export function hasEntries(column: object, least: number): boolean {
  if (column instanceof Map) return column.size >= least
  let count = 0
  for (const _key in column) if (++count >= least) return true
  return false
}

/** What a row of deltas comes to. */
export function sumOf(base: unknown, deltas: unknown): number {
  let sum = typeof base === 'number' ? base : 0
  if (deltas === null || deltas === undefined) return sum
  if (Symbol.iterator in Object(deltas)) for (const [, delta] of deltas as Iterable<[string, number]>) sum += delta
  else for (const key in deltas) sum += (deltas as Record<string, number>)[key]!
  return sum
}
