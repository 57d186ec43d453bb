import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { didYouMean, nearMiss } from '../internal/near-miss.ts'
import { textOf } from '../internal/text-of.ts'
import { isKnown } from './names.ts'
import { percentileLike } from './percentile-name.ts'

/** What other tools call them. */
const OTHER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(avg|average)$/i, 'mean'],
  [/^median$/i, 'p50'],
  [/^(std|sd|stdev)(_?pop)?$/i, 'stddev'],
  [/^var(_?pop)?$/i, 'variance'],
  [/^total$/i, 'sum'],
  [/^minimum$/i, 'min'],
  [/^maximum$/i, 'max'],
  [/^unique$/i, 'distinct'],
]

/** A KAIROS_UNKNOWN_TRANSFORM that says what `what` has, and which of it was probably meant. */
export function unknownTransform(name: unknown, known: readonly string[], what: string): KairosError {
  const list = known.length === 0 ? 'none' : known.join(', ')
  const near = typeof name === 'string' ? meant(name, known) : undefined
  return new KairosError(
    'KAIROS_UNKNOWN_TRANSFORM',
    `${what} has no transform ${describe(name)}; it has: ${list}${didYouMean(near)}`,
    {
      transform: textOf(name),
      known,
    },
  )
}

function meant(name: string, known: readonly string[]): string | undefined {
  const other = OTHER_NAMES.find(([spelling]) => spelling.test(name))?.[1]
  return [other, percentileLike(name), nearMiss(name, known)].find((near) => isKnown(near, known))
}
