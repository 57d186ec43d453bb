import type { CellData } from '../../api/stored.ts'
import type { CellPosition, CellValue, Scalar } from '../../contract/cells.ts'
import type { CellReference } from '../../errors.ts'
import { type Settings, startsOfCell } from '../../settings.ts'

type Teller = (
  position: CellPosition & { readonly interval: string },
  value: CellValue | null,
  expected?: CellValue | null,
) => CellReference

/** Turns cells as drivers see them into what callers get. */
export function cellTeller(settings: Settings): Teller {
  const intervals = new Map(settings.intervals.map((interval) => [interval.name, interval]))
  const data = dataTeller(settings)
  return ({ name, interval, bucket, resolutionBucket }, value, expected) => ({
    name,
    interval,
    ...startsOfCell(intervals.get(interval)!, bucket, resolutionBucket),
    value: data(value),
    ...(expected !== undefined && { expected: data(expected) }),
  })
}

/** A cell's value as it is stored, in the caller's terms: a Date, not milliseconds. */
export function dataTeller({ kind, rules }: Settings): (value: CellValue | null) => CellData | null {
  const decode = kind?.decode
  if (decode === undefined || rules.ownData) return (value) => value as CellData | null
  return (value) => (value === null ? null : (rules.decode(value, decode as (scalar: Scalar) => unknown) as CellData))
}
