import type { OriginalType, TimeseriesType } from '@kairos/core/driver'
import type { Kind } from './kind.ts'

/** Undefined for types whose cells are numbers or lists of elements. */
export async function kindOf(type: TimeseriesType): Promise<Kind | undefined> {
  if (type === 'summary') return (await import('./summary.ts')).summaryKind as Kind
  return type === 'unique' ? ((await (await import('./unique.ts')).uniqueKind()) as Kind) : undefined
}

/** The original type whose cells are laid out alike: bins are counted as the values of a histogram are, and one value in a field is what a gauge is. */
export function laidOutAs(type: TimeseriesType): OriginalType {
  if (type === 'distribution') return 'histogram'
  return type === 'summary' || type === 'unique' ? 'gauge' : type
}
