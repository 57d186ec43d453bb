import { configOf } from '@kairos/core/calls'
import { compareCodePoints, createYielder } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'
import type { ServerLimits } from '../http/limits.ts'
import { hasName } from '../timeseries/has-name.ts'
import type { Registry, Served } from '../timeseries/registry.ts'
import type { Spending } from './budget.ts'
import { expandBraces, type Glob, literalStart, nodesOfName, parseGlob } from './globs.ts'
import { tagsOf } from './series.ts'
import { type Statistic, type Statistics, statisticsOf, withStatistic } from './statistics.ts'
import type { TagMatcher } from './tag-matcher.ts'

/** A series that can be read. */
export interface Leaf {
  /** As Graphite calls it. */
  readonly path: string
  readonly served: Served
  /** As it is stored. */
  readonly name: string
  readonly statistic: Statistic
}

/** A node of the tree of names: a series, what lies above some, or both. */
export interface TreeNode {
  readonly path: string
  readonly leaf: boolean
  readonly branch: boolean
}

/** What finds names. */
export interface Finder {
  readonly registry: Registry
  readonly limits: Pick<ServerLimits, 'maxNames' | 'maxNamesRead'>
  readonly signal: AbortSignal
  /** Of what matching may cost. */
  readonly budget: Spending
}

interface Searched {
  readonly served: Served
  readonly statistics: Statistics
}

/** Names that one call of a store returns. */
const PAGE = 1_000
/** Names that are matched before it is seen whether others should have a turn: one may take milliseconds. */
const AT_ONCE = 16
/** Sorts behind whatever follows the same beginning. */
const HIGHEST = '\u{10FFFF}'

/** The series that match a pattern, by path. A name that is stored comes before a statistic of another, then the timeseries that is configured first. */
export async function findLeaves(finder: Finder, pattern: string): Promise<Leaf[]> {
  const glob = parseGlob(pattern, finder.budget)
  const found = new Found(finder, pattern)
  for (const searched of searchedIn(finder.registry)) {
    const asked = nodesAsked(searched, glob)
    for await (const name of namesFor(finder, searched, glob, asked))
      for (const leaf of leavesOf(searched, name, glob, asked)) found.add(leaf)
  }
  return found.sorted()
}

/** What matches a pattern in the tree of names, by path. */
export async function findNodes(finder: Finder, pattern: string): Promise<TreeNode[]> {
  const glob = parseGlob(pattern, finder.budget)
  const branches = new Set<string>()
  const found = new Found(finder, pattern)
  for (const searched of searchedIn(finder.registry)) {
    const asked = nodesAsked(searched, glob)
    for await (const name of namesFor(finder, searched, glob, asked)) {
      for (const leaf of leavesOf(searched, name, glob, asked)) found.add(leaf)
      const branch = branchOf(searched, name, glob)
      if (branch !== undefined) branches.add(branch)
      found.check(branches.size)
    }
  }
  const leaves = found.paths
  return [...new Set([...leaves, ...branches])]
    .sort(compareCodePoints)
    .map((path) => ({ path, leaf: leaves.has(path), branch: branches.has(path) }))
}

/** The series whose tags match, by path. */
export async function findTagged(finder: Finder, matcher: TagMatcher): Promise<Leaf[]> {
  const found = new Found(finder, matcher.name ?? '')
  for (const searched of searchedIn(finder.registry)) {
    const asked = lastNode(matcher.name ?? '')
    const [statistic, rest] =
      asked === undefined ? [undefined, ''] : [searched.statistics.named(asked.node), asked.rest]
    const prefix = statistic === undefined ? matcher.name : rest
    for await (const name of storedNames(finder, searched.served, prefix ?? '')) {
      const nodes = statistic === undefined ? searched.statistics.listed : [...searched.statistics.listed, asked!.node]
      for (const leaf of allLeaves(searched, name, nodes)) if (matcher.matches(tagsOf(leaf.path))) found.add(leaf)
    }
  }
  return found.sorted()
}

/** The stored names of a timeseries that match a pattern, in their order. */
export async function* matchingNames(
  finder: Finder,
  served: Served,
  pattern: string,
  after?: string,
): AsyncGenerator<string> {
  const glob = parseGlob(pattern, finder.budget)
  for await (const name of storedNames(finder, served, glob.prefix, glob, after)) if (glob.matches(name)) yield name
}

/** Every series, in the order of the configuration and of names. */
export async function* allPaths(finder: Finder): AsyncGenerator<string> {
  for (const searched of searchedIn(finder.registry))
    for await (const name of storedNames(finder, searched.served, ''))
      for (const { path } of allLeaves(searched, name, searched.statistics.listed)) yield path
}

/** Leaves by their paths, up to the limit. */
class Found {
  readonly #limits: Finder['limits']
  readonly #pattern: string
  readonly #leaves = new Map<string, Leaf>()

  constructor({ limits }: Finder, pattern: string) {
    this.#limits = limits
    this.#pattern = pattern
  }

  add(leaf: Leaf): void {
    const known = this.#leaves.get(leaf.path)
    if (known === undefined || (known.name !== known.path && leaf.name === leaf.path)) this.#leaves.set(leaf.path, leaf)
    this.check(this.#leaves.size)
  }

  /** @throws RequestError */
  check(count: number): void {
    if (count > this.#limits.maxNames)
      throw new RequestError(
        400,
        `${JSON.stringify(this.#pattern.slice(0, 200))} must match at most ${this.#limits.maxNames} names (server.limits.maxNames); make it narrower`,
      )
  }

  /** In no order. */
  get paths(): ReadonlySet<string> {
    return new Set(this.#leaves.keys())
  }

  sorted(): Leaf[] {
    return [...this.#leaves.values()].sort((one, other) => compareCodePoints(one.path, other.path))
  }
}

function searchedIn({ served }: Registry): Searched[] {
  return [...served.values()].flatMap((served) => {
    const statistics = statisticsOf(configOf(served.timeseries))
    return statistics === null ? [] : [{ served, statistics }]
  })
}

function lastNode(path: string): { node: string; rest: string } | undefined {
  const dot = path.lastIndexOf('.')
  return dot < 0 ? undefined : { node: path.slice(dot + 1), rest: path.slice(0, dot) }
}

/** The nodes of statistics that a pattern asks for below a name: those that are listed, and those that it names. */
function nodesAsked({ statistics }: Searched, glob: Glob): string[] {
  const index = glob.nodes.length - 1
  const node = glob.nodes[index]!
  const listed = statistics.listed.filter((listed) => glob.matchesNode(index, listed))
  const given = /[*?[]/.test(node) ? [] : expandBraces(node).filter((text) => statistics.named(text) !== undefined)
  return [...new Set([...listed, ...given])]
}

function leafAt({ served, statistics }: Searched, name: string, node: string): Leaf {
  return { path: withStatistic(name, node), served, name, statistic: statistics.named(node)! }
}

function allLeaves(searched: Searched, name: string, nodes: readonly string[]): Leaf[] {
  const { served, statistics } = searched
  const itself = statistics.itself === null ? [] : [{ path: name, served, name, statistic: statistics.itself }]
  return [...itself, ...[...new Set(nodes)].map((node) => leafAt(searched, name, node))]
}

/** Patterns without labels match names without labels. */
function partsFor(name: string, glob: Glob): string[] | undefined {
  return name.includes(';') && !glob.nodes.at(-1)!.includes(';') ? undefined : nodesOfName(name)
}

function matchesFirst(parts: readonly string[], glob: Glob, count: number): boolean {
  for (let index = 0; index < count; index++) if (!glob.matchesNode(index, parts[index]!)) return false
  return true
}

function leavesOf(searched: Searched, name: string, glob: Glob, asked: readonly string[]): Leaf[] {
  const parts = partsFor(name, glob)
  const depth = glob.nodes.length
  if (parts === undefined || parts.length < depth - 1 || parts.length > depth) return []
  if (!matchesFirst(parts, glob, parts.length)) return []
  if (parts.length === depth) return allLeaves(searched, name, [])
  return asked.map((node) => leafAt(searched, name, node))
}

/** The node of the pattern's depth above a name, if the pattern matches it. */
function branchOf({ statistics }: Searched, name: string, glob: Glob): string | undefined {
  const parts = partsFor(name, glob)
  const depth = glob.nodes.length
  const below = statistics.listed.length > 0 ? 1 : 0
  if (parts === undefined || parts.length + below <= depth || !matchesFirst(parts, glob, depth)) return undefined
  return parts.slice(0, depth).join('.')
}

/** The names that a pattern could be about, or a statistic of. */
async function* namesFor(
  finder: Finder,
  { served }: Searched,
  glob: Glob,
  asked: readonly string[],
): AsyncGenerator<string> {
  const above = glob.nodes.slice(0, -1).join('.')
  if (glob.exact) {
    for (const name of asked.length > 0 ? [above, glob.prefix] : [glob.prefix])
      if (name !== '' && (await hasName(served, name, finder.signal))) yield name
    return
  }
  yield* storedNames(finder, served, asked.length > 0 ? literalStart(above) : glob.prefix, glob)
}

/** Names with a prefix. With a pattern, whole parts of the tree that it cannot match, or has matched, are passed over. */
async function* storedNames(
  { limits, signal }: Finder,
  { timeseries }: Served,
  prefix: string,
  glob?: Glob,
  first?: string,
): AsyncGenerator<string> {
  const turn = createYielder()
  let after = first
  for (let read = 0; ; ) {
    const page = await timeseries.list({ prefix, limit: PAGE, signal, ...(after !== undefined && { after }) })
    for (const name of page) {
      yield name
      if (++read % AT_ONCE === 0) await turn()
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    if (read >= limits.maxNamesRead)
      throw new RequestError(
        400,
        `a request must look through at most ${limits.maxNamesRead} names (server.limits.maxNamesRead); begin the pattern with more of the name`,
      )
    after = (glob && behindSubtree(last, glob)) ?? last
  }
}

/** Behind all names that share the nodes of this one up to the first that the pattern does not match, or to its last. */
function behindSubtree(name: string, glob: Glob): string | undefined {
  const parts = nodesOfName(name)
  const depth = glob.nodes.length
  const wrong = parts.findIndex((part, index) => index < depth && !glob.matchesNode(index, part))
  const shared = wrong >= 0 ? wrong + 1 : depth
  return parts.length > shared ? `${parts.slice(0, shared).join('.')}.${HIGHEST}` : undefined
}
