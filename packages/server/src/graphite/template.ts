import { RequestError } from '@kairos/events/http'
import { type CallExpression, type Expression, mapLeaves } from './expression.ts'

/** As the longest target and the longest pattern: what is put in could be put in thousands of times. */
const LONGEST_PATH = 16_384
const LONGEST_VALUE = 2_000
const MOST_VARIABLES = 100

/**
 * What `template(target, a, b)` or `template(target, name=a)` is: its target with `$1`, `$2` or `$name` replaced.
 * @throws RequestError
 */
export function fillTemplate(call: CallExpression, requested: Readonly<Record<string, string>>): Expression {
  const [target, ...values] = call.args
  if (target === undefined || target.kind === 'literal')
    throw new RequestError(400, 'template must have a target as its first argument')
  const entries: [string, Expression][] = [
    ...values.map((value, index): [string, Expression] => [String(index + 1), value]),
    ...Object.entries(call.named),
  ]
  const variables = new Map<string, number | string>(entries.map(([name, value]) => [name, literalOf(name, value)]))
  for (const [name, value] of Object.entries(requested)) variables.set(name, value)
  if (variables.size > MOST_VARIABLES)
    throw new RequestError(400, `a template must have at most ${MOST_VARIABLES} variables, not ${variables.size}`)
  for (const [name, value] of variables)
    if (String(value).length > LONGEST_VALUE)
      throw new RequestError(
        400,
        `template: ${name.slice(0, 64)} must have at most ${LONGEST_VALUE} characters, not ${String(value).length}`,
      )
  return replaced(target, variables)
}

function literalOf(name: string, value: Expression): number | string {
  if (value.kind === 'literal' && (typeof value.value === 'string' || typeof value.value === 'number'))
    return value.value
  throw new RequestError(400, `template: ${name} must be a number or a text`)
}

function replaced(expression: Expression, variables: ReadonlyMap<string, number | string>): Expression {
  return mapLeaves(expression, (leaf) => {
    if (leaf.kind === 'literal') return leaf
    let { path } = leaf
    for (const [name, value] of variables) {
      if (path === `$${name}`) return { kind: 'literal', value: numberIfOne(value) }
      path = path.replaceAll(`$${name}`, () => String(value))
      if (path.length > LONGEST_PATH)
        throw new RequestError(400, `template: a path must have at most ${LONGEST_PATH} characters`)
    }
    return { kind: 'path', path }
  })
}

function numberIfOne(value: number | string): number | string {
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value
}
