import type { CellData, StoredValue } from '@kairos/core'
import type { CheckedConfig } from '@kairos/core/calls'
import type { Notes, RawCell, RawContent, RawValue } from './types.ts'
import { numberOf, readValue, shown } from './values.ts'

type Config = Pick<CheckedConfig, 'type' | 'valueType'>

/**
 * What one cell holds, as a timeseries would give it, from the parts in which it is stored; undefined: nothing that can be read. Values that cannot are
 * noted one by one.
 */
export function contentOf(
  config: Config,
  parts: readonly RawCell[],
  where: string,
  notes: Notes,
): CellData | undefined {
  const { type, valueType } = config
  const values = (contents: readonly RawContent[]): StoredValue[] =>
    contents
      .flatMap((content) => ('values' in content ? content.values : []))
      .flatMap((raw) => read(valueType!, raw, where, notes))
  const contents = parts.map(({ value }) => value)
  if (type === 'count') return sumOf(contents, where, notes)
  if (type === 'histogram') return timesOf(valueType!, contents, where, notes)
  if (type === 'gauge') {
    if (contents.length > 1) notes.lose('duplicate', where)
    const last = contents.at(-1)!
    return 'one' in last ? read(valueType!, last.one, where, notes)[0] : undefined
  }
  const found = values(contents)
  if (found.length === 0) return undefined
  return type === 'set' ? new Set(found) : found
}

/** One value in a list, or none. */
function read(valueType: NonNullable<Config['valueType']>, raw: RawValue, where: string, notes: Notes): StoredValue[] {
  const value = readValue(valueType, raw)
  // Clients decode what is not UTF-8 as this.
  if (typeof raw === 'string' && raw.includes('\ufffd')) notes.lose('encoding', `${where}: ${shown(raw)}`)
  else if (value === undefined) notes.lose('value', `${where}: ${shown(raw)}`)
  else return [value as StoredValue]
  return []
}

function timesOf(
  valueType: NonNullable<Config['valueType']>,
  contents: readonly RawContent[],
  where: string,
  notes: Notes,
): Map<StoredValue, number> | undefined {
  const found = new Map<StoredValue, number>()
  for (const content of contents) {
    if (!('pairs' in content)) continue
    for (const [raw, count] of content.pairs) {
      const times = count === null ? undefined : numberOf(count)
      if (times === undefined || !Number.isInteger(times) || times < 1) {
        notes.lose('value', `${where}: ${shown(raw)} ${shown(count)} times`)
        continue
      }
      // Several stored keys may be one value: 5 and 5.0.
      for (const value of read(valueType, raw, where, notes)) found.set(value, (found.get(value) ?? 0) + times)
    }
  }
  return found.size === 0 ? undefined : found
}

function sumOf(contents: readonly RawContent[], where: string, notes: Notes): number | undefined {
  let sum: number | undefined
  for (const content of contents) {
    const raw = 'one' in content ? content.one : null
    const count = raw === null ? undefined : numberOf(raw)
    if (count === undefined) {
      notes.lose('value', `${where}: ${shown(raw)}`)
      continue
    }
    if (isRounded(raw!, count)) notes.lose('rounded', `${where}: ${shown(raw)}`)
    sum = (sum ?? 0) + count
  }
  return sum
}

/** Whether a whole number is another one as a double. */
function isRounded(raw: NonNullable<RawValue>, count: number): boolean {
  if (typeof raw === 'bigint') return BigInt(count) !== raw
  return typeof raw === 'string' && /^-?\d+$/.test(raw) && BigInt(count) !== BigInt(raw)
}
