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

/** An expression with others in the place of its paths and literals. */
export function mapLeaves(
  expression: Expression,
  change: (leaf: PathExpression | LiteralExpression) => Expression,
): Expression {
  if (expression.kind !== 'call') return change(expression)
  const named = Object.entries(expression.named).map(([name, value]) => [name, mapLeaves(value, change)] as const)
  const args = expression.args.map((argument) => mapLeaves(argument, change))
  return { ...expression, args, named: Object.fromEntries(named) }
}

/** An expression with its paths and texts changed. */
export function replaceTexts(expression: Expression, change: (text: string) => string): Expression {
  return mapLeaves(expression, (leaf) => {
    if (leaf.kind === 'path') return { ...leaf, path: change(leaf.path) }
    return typeof leaf.value === 'string' ? { ...leaf, value: change(leaf.value) } : leaf
  })
}
