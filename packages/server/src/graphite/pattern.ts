import { RequestError } from '@kairos/events/http'
import { RE2JS } from 're2js'
import { quoted } from '../http/quoted.ts'
import type { Spending } from './budget.ts'

/** A regular expression of a caller. */
export interface Pattern {
  /** Whether it matches anywhere in a text. */
  matches(text: string): boolean
  /** The text with what matches replaced; `\1` and `\g<name>` are what groups matched. */
  replace(text: string, replacement: string): string
}

const LONGEST = 1_000

/**
 * A regular expression that takes time in proportion to the text, whatever both contain: patterns come with requests, and names with what was
 * written. Without look-around and back-references.
 * @throws RequestError
 */
export function compilePattern(text: string, budget: Spending): Pattern {
  if (text.length > LONGEST)
    throw new RequestError(400, `a regular expression must have at most ${LONGEST} characters, not ${text.length}`)
  const compiled = compiledOf(text)
  const pay = (name: string): void => budget.spend((name.length + 1) * (1 + compiled.programSize()))
  return {
    matches(name) {
      pay(name)
      return compiled.matcher(name).find()
    },
    replace(name, replacement) {
      pay(name)
      const parts = replacementParts(replacement)
      const matcher = compiled.matcher(name)
      let [made, from] = ['', 0]
      while (matcher.find()) {
        made += name.slice(from, matcher.start())
        for (const part of parts) made += typeof part === 'string' ? part : groupOf(matcher, part.group, text)
        from = matcher.end()
        pay(made)
      }
      return made + name.slice(from)
    },
  }
}

function compiledOf(text: string): RE2JS {
  try {
    return RE2JS.compile(text)
  } catch (error) {
    throw new RequestError(
      400,
      `a regular expression must be valid for RE2, not ${quoted(text)}: ${(error as Error).message.slice(0, 200)}`,
    )
  }
}

/** Texts, and the groups between them. */
function replacementParts(replacement: string): (string | { readonly group: string })[] {
  return replacement.split(/(\\(?:[0-9]{1,2}|g<[A-Za-z0-9_]+>|\\))/).map((part) => {
    const found = /^\\(?:([0-9]+)|g<(.+)>)$/.exec(part)
    if (found !== null) return { group: (found[1] ?? found[2])! }
    return part === '\\\\' ? '\\' : part
  })
}

function groupOf(matcher: ReturnType<RE2JS['matcher']>, group: string, text: string): string {
  try {
    return matcher.group(/^\d+$/.test(group) ? Number(group) : group) ?? ''
  } catch {
    throw new RequestError(400, `the regular expression ${quoted(text)} has no group ${JSON.stringify(group)}`)
  }
}
