import { invalidOption } from '@kairos/core/driver'
import type { NamePattern } from '../config/types.ts'
import { type Captures, compileGlob } from './glob.ts'

/** A compiled pattern. */
export interface Matcher {
  readonly captures: readonly string[]
  /** Undefined for a name that it does not match. */
  match(name: string): Captures | undefined
}

/** `(?<name>` in the source of a regular expression. */
const GROUP = /\(\?<([A-Za-z_$][\w$]*)>/g

/**
 * A glob without `;` is for the name without its labels; other patterns are for all of it.
 * @throws KAIROS_INVALID_CONFIG
 */
export function compilePattern(pattern: unknown, path: string): Matcher {
  if (pattern instanceof RegExp) return compileRegExp(pattern, path)
  if (typeof pattern !== 'string' || pattern === '')
    throw invalidOption({ path, expected: 'a glob such as app.*.views, or a RegExp', value: pattern })
  const glob = compileGlob(pattern)
  if (pattern.includes(';')) return glob
  return { captures: glob.captures, match: (name) => glob.match(withoutLabels(name)) }
}

/** @throws KAIROS_INVALID_CONFIG */
export function compilePatterns(patterns: NamePattern | readonly NamePattern[], path: string): readonly Matcher[] {
  if (!Array.isArray(patterns)) return [compilePattern(patterns, path)]
  return patterns.map((pattern, index) => compilePattern(pattern, `${path}[${index}]`))
}

function compileRegExp(pattern: RegExp, path: string): Matcher {
  if (pattern.global || pattern.sticky)
    throw invalidOption({ path, expected: 'a RegExp without the flags g and y', value: pattern })
  const captures = Array.from(pattern.source.matchAll(GROUP), ([, name]) => name!)
  return {
    captures,
    match(name) {
      const found = pattern.exec(name)
      return found === null ? undefined : { ...found.groups }
    },
  }
}

function withoutLabels(name: string): string {
  const end = name.indexOf(';')
  return end === -1 ? name : name.slice(0, end)
}
