import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { compareCodePoints } from '../../internal/order.ts'
import type { Fields } from '../call-options.ts'
import type { Context } from '../context.ts'
import { namesIn } from '../name-of.ts'

/** Which names a call is about. */
export interface ChosenNames {
  /** By code points, each once; undefined: all. */
  readonly names: readonly string[] | undefined
  readonly prefix: string
}

/**
 * The names of the options `names` and `prefix`.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE
 */
export function chosenNames(context: Context, { names, prefix = '' }: Fields): ChosenNames {
  if (typeof prefix !== 'string' || !prefix.isWellFormed())
    throw invalidOption('prefix', `prefix must be a string of well-formed Unicode, not ${describe(prefix)}`)
  if (names === undefined) return { names, prefix }
  const chosen = namesIn(context, names).filter((name) => name.startsWith(prefix))
  return { names: chosen.sort(compareCodePoints), prefix }
}
