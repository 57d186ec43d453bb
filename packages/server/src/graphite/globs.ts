import { RequestError } from '@kairos/events/http'
import type { Spending } from './budget.ts'

const MOST_ALTERNATIVES = 1_000
const LONGEST_PATTERN = 2_000
/** Of all alternatives of a node together. */
const MOST_CHARACTERS = 50_000
/** Steps of matching that cost as much as a number. */
const STEPS = 4

/** A pattern of dotted names. */
export interface Glob {
  /** Whether a name matches, node by node. */
  matches(name: string): boolean
  /** Whether the node of a name at this place matches. */
  matchesNode(index: number, node: string): boolean
  /** The nodes of the pattern. */
  readonly nodes: readonly string[]
  /** What every matching name begins with. */
  readonly prefix: string
  /** Without wildcards: only the name itself matches. */
  readonly exact: boolean
}

/** One character of a name: this one, or one that a test takes. Null is `*`. */
type Part = string | ((character: string) => boolean) | null

/**
 * A pattern with `*`, `?`, `[a-z]`, `[!a]` and `{a,b}` on names with dots, which wildcards do not cross. Matching an alternative takes at most the
 * product of both lengths, which is spent.
 * @throws RequestError for more than 1,000 alternatives, 50,000 characters of them or 2,000 of the pattern
 */
export function parseGlob(pattern: string, budget: Spending): Glob {
  if (pattern.length > LONGEST_PATTERN)
    throw new RequestError(400, `a pattern must have at most ${LONGEST_PATTERN} characters, not ${pattern.length}`)
  const nodes = splitNodes(pattern)
  const matchers = nodes.map((node) => nodeMatcher(node, budget))
  const prefix = literalStart(pattern)
  const exact = prefix === pattern
  return {
    nodes,
    prefix,
    exact,
    matchesNode: (index, node) => matchers[index]?.(node) ?? false,
    matches(name) {
      if (exact) return name === pattern
      const parts = nodesOfName(name)
      return parts.length === matchers.length && matchers.every((matches, index) => matches(parts[index]!))
    },
  }
}

/** What comes before the first wildcard of a pattern; all of one that has none. */
export function literalStart(pattern: string): string {
  return pattern.split(/[*?[{]/, 1)[0]!
}

/** The nodes of a name. Labels belong to the last one, with the dots in them. */
export function nodesOfName(name: string): string[] {
  const labels = name.indexOf(';')
  if (labels < 0) return name.split('.')
  const nodes = name.slice(0, labels).split('.')
  nodes[nodes.length - 1] += name.slice(labels)
  return nodes
}

/** At the dots that are in neither brackets nor braces, before any labels. */
function splitNodes(pattern: string): string[] {
  const nodes: string[] = ['']
  let open = ''
  let labels = false
  for (const character of pattern) {
    labels ||= open === '' && character === ';'
    if (open === '' && character === '.' && !labels) nodes.push('')
    else nodes[nodes.length - 1] += character
    if (open === '' && (character === '[' || character === '{')) open = character === '[' ? ']' : '}'
    else if (character === open) open = ''
  }
  return nodes
}

function nodeMatcher(node: string, budget: Spending): (text: string) => boolean {
  if (literalStart(node) === node) return (text) => text === node
  if (node === '*') return () => true
  const alternatives = expandBraces(node)
  const texts = new Set(alternatives.filter((text) => literalStart(text) === text))
  const patterns = alternatives.filter((text) => !texts.has(text)).map(partsOf)
  return (text) => {
    if (texts.has(text)) return true
    if (patterns.length === 0) return false
    const characters = [...text]
    return patterns.some((parts) => matchesParts(parts, characters, budget))
  }
}

/** `a{b,c}d` as `abd` and `acd`. */
export function expandBraces(node: string): string[] {
  let expanded = ['']
  let at = 0
  while (at < node.length) {
    const open = node.indexOf('{', at)
    const close = open < 0 ? -1 : node.indexOf('}', open)
    const literal = node.slice(at, close < 0 ? node.length : open)
    const choices = close < 0 ? [''] : node.slice(open + 1, close).split(',')
    if (expanded.length * choices.length > MOST_ALTERNATIVES)
      throw new RequestError(400, `a pattern must have at most ${MOST_ALTERNATIVES} alternatives`)
    expanded = expanded.flatMap((start) => choices.map((choice) => start + literal + choice))
    if (expanded.reduce((sum, { length }) => sum + length, 0) > MOST_CHARACTERS)
      throw new RequestError(400, `the alternatives of a pattern must have at most ${MOST_CHARACTERS} characters`)
    at = close < 0 ? node.length : close + 1
  }
  return expanded
}

function partsOf(pattern: string): Part[] {
  const characters = [...pattern]
  const parts: Part[] = []
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    const end = character === '[' ? closing(characters, at) : -1
    if (character === '*') parts.push(null)
    else if (character === '?') parts.push(any)
    else if (end < 0) parts.push(character)
    else {
      parts.push(setOf(characters.slice(at + 1, end)))
      at = end
    }
  }
  return parts
}

const any = (): boolean => true

/** A `]` that comes first is one of the set. */
function closing(characters: readonly string[], open: number): number {
  const first = characters[open + 1] === '!' ? open + 3 : open + 2
  return characters.indexOf(']', first)
}

function setOf(inside: readonly string[]): (character: string) => boolean {
  const negated = inside[0] === '!'
  const list = negated ? inside.slice(1) : inside
  const ranges: [from: string, to: string][] = []
  for (let at = 0; at < list.length; at++) {
    const range = list[at + 1] === '-' && at + 2 < list.length
    ranges.push([list[at]!, list[range ? at + 2 : at]!])
    if (range) at += 2
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== negated
}

/** After a mismatch only the last `*` takes one more, so that nothing is tried twice. */
function matchesParts(parts: readonly Part[], text: readonly string[], budget: Spending): boolean {
  let [part, at, star, from, steps] = [0, 0, -1, 0, 0]
  for (; at < text.length; steps++) {
    const next = parts[part]
    if (next === null) {
      star = part++
      from = at
    } else if (next === text[at] || (typeof next === 'function' && next(text[at]!))) {
      part++
      at++
    } else if (star >= 0) {
      part = star + 1
      at = ++from
    } else break
  }
  budget.spend(steps / STEPS)
  while (parts[part] === null) part++
  return at === text.length && part === parts.length
}
