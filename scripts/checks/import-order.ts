import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { Outcome } from '../commands.ts'

/** What a folder needs: by folder, one of the imports that show it. */
type Needs = Map<string, string>

/** Imports and exports from other files, except those that are only types, which are gone at run time. */
const IMPORTS = /^(?:import|export)\s(?!type\s)[^'"`;]*?\bfrom\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm

/**
 * Whether the folders of each package have an order: of two, at most one needs the other, by whatever way. Who knows what a folder is for then knows
 * which other folders to look in.
 */
export async function checkImportOrder(): Promise<Outcome> {
  const output = globSync('packages/*/src').sort().flatMap(circlesIn)
  return { ok: output.length === 0, output: output.join('') }
}

function circlesIn(source: string): string[] {
  const needs = needsIn(source)
  const seen = new Set<string>()
  return [...needs.keys()].flatMap((folder) => {
    const way = wayBack(folder, needs)
    if (way === undefined || seen.has(folder)) return []
    for (const each of way) seen.add(each)
    const steps = way.map((from, at) => `  ${needs.get(from)!.get(way[at + 1] ?? folder)}\n`)
    return [`${source}: folders must need each other in one direction, not ${[...way, folder].join(' → ')}\n`, ...steps]
  })
}

function needsIn(source: string): Map<string, Needs> {
  const needs = new Map<string, Needs>()
  for (const file of globSync('*/**/*.ts', { cwd: source }).sort()) {
    const own = folderOf(file)
    for (const [, from, lazily] of readFileSync(join(source, file), 'utf8').matchAll(IMPORTS)) {
      const target = relative(source, join(source, dirname(file), from ?? lazily!))
      const folder = folderOf(target)
      if (folder === own || !target.includes(sep) || target.startsWith('..')) continue
      const known = needs.get(own) ?? new Map<string, string>()
      needs.set(own, known.set(folder, known.get(folder) ?? `${file} imports ${target}`))
    }
  }
  return needs
}

function folderOf(file: string): string {
  return file.split(sep)[0]!
}

/** The shortest way by which a folder needs itself, with the folder first; undefined: it does not. */
function wayBack(folder: string, needs: ReadonlyMap<string, Needs>): string[] | undefined {
  const ways: string[][] = [[folder]]
  const visited = new Set<string>()
  for (const way of ways) {
    for (const next of needs.get(way.at(-1)!)?.keys() ?? []) {
      if (next === folder) return way
      if (visited.has(next)) continue
      visited.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}
