import { compareCodePoints } from '@kairos/core/driver'
import { turn } from './turns.ts'

/** Texts that are sorted, or merged, before others have a turn. */
const AT_ONCE = 20_000

/** Texts in the order of their code points: a million of them would hold up all else for seconds. */
export async function sortedInTurns(texts: readonly string[], atOnce: number = AT_ONCE): Promise<string[]> {
  let runs: string[][] = []
  for (let at = 0; at < texts.length; at += atOnce) {
    await turn()
    runs.push(texts.slice(at, at + atOnce).sort(compareCodePoints))
  }
  while (runs.length > 1) {
    const merged: string[][] = []
    for (let at = 0; at < runs.length; at += 2) merged.push(await mergedRuns(runs[at]!, runs[at + 1] ?? [], atOnce))
    runs = merged
  }
  return runs[0] ?? []
}

async function mergedRuns(one: readonly string[], other: readonly string[], atOnce: number): Promise<string[]> {
  const merged: string[] = []
  for (let [at, from] = [0, 0]; at < one.length || from < other.length; ) {
    if (merged.length % atOnce === 0) await turn()
    const takesOne = from === other.length || (at < one.length && compareCodePoints(one[at]!, other[from]!) <= 0)
    merged.push(takesOne ? one[at++]! : other[from++]!)
  }
  return merged
}
