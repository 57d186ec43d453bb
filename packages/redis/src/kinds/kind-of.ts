import type { OriginalType, TimeseriesType } from '@kairos/core/driver'
import type { Kind } from './kind.ts'

/** Undefined for types whose cells are numbers or lists of elements. */
export async function kindOf(type: TimeseriesType): Promise<Kind | undefined> {
  if (type === 'summary') return (await import('./summary.ts')).summaryKind as Kind
  if (type === 'distribution') return (await (await import('./distribution.ts')).distributionKind()) as Kind
  return type === 'unique' ? ((await (await import('./unique.ts')).uniqueKind()) as Kind) : undefined
}

/** The original type whose cells are laid out alike: one value in a field is what a gauge is. */
export function laidOutAs(type: TimeseriesType): OriginalType {
  return type === 'summary' || type === 'distribution' || type === 'unique' ? 'gauge' : type
}
