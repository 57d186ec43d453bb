import { eachConcurrently } from '@kairos/core/driver'
import { windowsOf } from '../cells/windows.ts'
import { DigestSums } from '../digest.ts'
import { carriedCells } from './carried.ts'
import { Groups } from './groups.ts'
import type { Migration } from './migration.ts'
import { chosenNames } from './options.ts'
import type { Route } from './route.ts'
import { newState } from './state.ts'
import type { MigrationProgress, Verification } from './types.ts'

/** In seconds: how long reading a group may take at first. What expires within this time is not compared. */
const FIRST_MARGIN = 10

/** Reads both sides, group by group, and adds up the digests of what both keep. */
export async function verify(
  migration: Migration,
  onProgress: (progress: Omit<MigrationProgress, 'of'>) => void,
): Promise<Verification> {
  const { source, options, routes } = migration
  const { config } = routes.target
  const [wanted, found] = [new DigestSums(config), new DigestSums(config)]
  const groups = new Groups(newState(migration))
  let names = 0
  await eachConcurrently(options.parallel, groups.of(chosenNames(source, options)), async (group, stop) => {
    for (const route of routes.routes) {
      if (stop.isAsked) return
      const [own, other] = await sumsOf(migration, route, group.names)
      wanted.absorb(own)
      found.absorb(other)
    }
    groups.finish(group)
    names += group.names.length
    onProgress({ phase: 'verify', names, cells: wanted.result.cells })
  })
  const [sourceDigest, targetDigest] = [wanted.result, found.result]
  return { equal: sourceDigest.digest === targetDigest.digest, source: sourceDigest, target: targetDigest }
}

async function sumsOf(
  { source, target, routes, stretch, options: { signal, patience } }: Migration,
  route: Route,
  names: readonly string[],
): Promise<readonly [DigestSums, DigestSums]> {
  const chosen = { names, ...stretch, signal, patience }
  for (let margin = FIRST_MARGIN; ; margin *= 4) {
    const [wanted, found] = [new DigestSums(routes.target.config), new DigestSums(routes.target.config)]
    const first = Math.max(routes.source.firstLive(route.source, margin), routes.target.firstLive(route.target, margin))
    const begun = performance.now()
    for await (const cells of carriedCells(source, routes, route, chosen))
      for (const cell of cells) if (cell.start >= first) wanted.add(cell)
    for await (const cells of windowsOf(target, { ...chosen, intervals: [route.target.name] }))
      for (const cell of cells) if (cell.start >= first) found.add(cell)
    const took = (performance.now() - begun) / 1_000
    if (first === Number.NEGATIVE_INFINITY || took < margin) return [wanted, found]
  }
}
