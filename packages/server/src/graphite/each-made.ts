import type { Series } from './series.ts'

/** What is made of each series, one after the other. */
export async function eachMade(
  list: readonly Series[],
  make: (series: Series, index: number) => Promise<Series[]>,
): Promise<Series[]> {
  const made: Series[] = []
  for (const [index, series] of list.entries()) made.push(...(await make(series, index)))
  return made
}
