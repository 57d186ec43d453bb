import { cellWindows } from '@kairos/core/calls'
import type { AnyCell, CellChoice, CellSource } from './source.ts'

/** The cells of a source, some at a time. */
export function windowsOf(
  source: CellSource,
  options: CellChoice & { readonly after?: string | undefined },
): AsyncIterable<readonly AnyCell[]> {
  return cellWindows(source, options) as AsyncIterable<readonly AnyCell[]>
}
