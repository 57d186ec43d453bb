import { RequestError } from '@kairos/events/http'
import { quoted } from '../http/quoted.ts'
import type { Spending } from './budget.ts'
import { compilePattern } from './pattern.ts'

/** What one expression such as `host=~web.*` asks of a tag. */
interface TagTest {
  readonly tag: string
  matches(value: string): boolean
}

/** Tests of tags that were given together. */
export interface TagMatcher {
  matches(tags: Readonly<Record<string, string>>): boolean
  /** What the name must be, if an expression says so. */
  readonly name: string | undefined
}

const MOST = 100

/**
 * Expressions of tags: `tag=value`, `tag!=value`, `tag=~pattern`, `tag!=~pattern`; a pattern matches from the beginning of a value on, and a tag
 * that is missing has the empty value.
 * @throws RequestError
 */
export function parseTagExpressions(expressions: readonly string[], budget: Spending): TagMatcher {
  if (expressions.length > MOST)
    throw new RequestError(400, `there must be at most ${MOST} tag expressions, not ${expressions.length}`)
  let name: string | undefined
  const tests = expressions.map((text): TagTest => {
    const found = /^([^!=]+)(=~|!=~|!=|=)(.*)$/s.exec(text)
    if (found === null)
      throw new RequestError(
        400,
        `a tag expression must be like host=a, host!=a, host=~a.* or host!=~a.*, not ${quoted(text)}`,
      )
    const [, tag, operator, wanted] = found as unknown as [string, string, string, string]
    if (tag === 'name' && operator === '=') name = wanted
    const negated = operator.startsWith('!')
    if (!operator.endsWith('~')) return { tag, matches: (value) => (value === wanted) !== negated }
    const pattern = compilePattern(`^(?:${wanted})`, budget)
    return { tag, matches: (value) => pattern.matches(value) !== negated }
  })
  return { name, matches: (tags) => tests.every(({ tag, matches }) => matches(tags[tag] ?? '')) }
}
