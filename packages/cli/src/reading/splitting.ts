import { Misuse } from '../misuse.ts'

/** What each part of a result is of, where it has parts. */
export type Part = 'name' | 'group' | undefined

interface Wanted {
  readonly split?: boolean | undefined
  readonly groupBy?: readonly string[] | undefined
}

/** How names are joined: all, none, or those with the same labels. @throws Misuse */
export function splittingOf({ split, groupBy }: Wanted): { readonly part: Part; readonly options: object } {
  if (split && groupBy !== undefined) throw new Misuse('only one of --split and --group-by must be given')
  if (groupBy !== undefined) return { part: 'group', options: { groupBy } }
  return split ? { part: 'name', options: { split } } : { part: undefined, options: {} }
}
