/** A parsed target: a path of a metric, a call of a function, or a literal. */
export type Expression = PathExpression | CallExpression | LiteralExpression

/** Which metrics: a name with wildcards. */
export interface PathExpression {
  readonly kind: 'path'
  readonly path: string
}
/** A function with its arguments. */
export interface CallExpression {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly named: Readonly<Record<string, Expression>>
  /** As it was written. */
  readonly text: string
}
/** A number, a text, true, false or None. */
export interface LiteralExpression {
  readonly kind: 'literal'
  readonly value: number | string | boolean | null
}

/** The path of the first metric in an expression, from which functions take the nodes of a name; null: it has none. */
export function firstPath(expression: Expression): string | null {
  if (expression.kind === 'path') return expression.path
  if (expression.kind === 'literal') return null
  const [first] = expression.args
  return first === undefined ? null : firstPath(first)
}
